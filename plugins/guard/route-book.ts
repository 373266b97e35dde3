import type { FastifyInstance, FastifyRequest, FastifySchema, RouteOptions } from 'fastify'
import type { Policy } from '../../lib/policy/policy.js'
import type { PolicySnapshot } from '../../lib/policy/snapshot.js'
import type { SchemaContext } from '../../lib/release/classify.js'
import { describeFaults, ungovernedPointers, type Fault } from '../../lib/release/fault.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import type { MaskRegistry } from '../../lib/release/masks.js'
import { compileWhole, createRelease, type Serialize, type SerializerOptions } from '../../lib/release/release.js'
import type { MissingAnnotations, RouteFacts } from '../../lib/report/facts.js'
import { checkInput } from './check-input.js'
import { notFoundRoute, readRoute, unseenRoute, type GuardedRoute } from './guarded-route.js'
import { logSerializersWithoutSecrets } from './loggable-request.js'
import { lostNames, type LostNames } from './lost-names.js'
import { printedFaults } from './printed-routes.js'
import { routeConfig } from './route-config.js'
import { routeFacts } from './route-facts.js'
import { bareSchema, readInput, type Purpose } from './route-schemas.js'
import { createSchemaBucket, originalsOf } from './schema-bucket.js'
import { closingErrors, serializeUnasked } from './serializers.js'

type SchemaController = Parameters<FastifyInstance['setSchemaController']>[0]
type Schemas = Readonly<Record<string, JsonSchema>>

interface Entered {
  readonly route: GuardedRoute
  readonly context: FastifyInstance
  /** As Fastify will use them, after all that is done to them meanwhile. */
  readonly options: RouteOptions
  /** As it was declared. */
  readonly schema: FastifySchema | undefined
}

/** What one guard knows of the routes of its context, from their declaration to the end of the boot. */
export class RouteBook {
  private readonly mark = Symbol('keyhole.route')
  private readonly entered: Entered[] = []
  private readonly unannotated = new Map<string, readonly string[]>()
  private readonly purposes = new WeakMap<object, { readonly purpose: Purpose, readonly context: FastifyInstance }>()

  /** @param knowsWebsockets whether @fastify/websocket stands above the guard */
  constructor (private readonly policy: Policy, private readonly masks: MaskRegistry, private readonly knowsWebsockets: boolean) {}

  /** Annotations are for the guard alone: Fastify and its compilers get schemas without them. */
  readonly schemaController = {
    bucket: createSchemaBucket,
    compilersFactory: { buildSerializer: (shared: Schemas, options?: SerializerOptions) => this.compiler(shared, options) }
  } as unknown as SchemaController

  /** A serializer compiler. Where a schema is of no route that was entered, it is written whole. */
  compiler (shared: Schemas, options: SerializerOptions = {}): (compilation: { readonly schema: unknown }) => Serialize {
    return ({ schema }) => {
      const { purpose, context } = this.purposes.get(schema as object) ?? {}
      const whole = () => compileWhole(schema as JsonSchema, shared, options)
      switch (purpose?.kind) {
        case 'released':
          purpose.entry.release = createRelease(purpose.entry.schema, this.contextOf(context!), options)
          return serializeUnasked(purpose.entry)
        case 'raw': return closingErrors(whole())
        case 'closed': return closingErrors(JSON.stringify)
        default: return whole()
      }
    }
  }

  /** A route is declared: reads what it says, and gives Fastify what it shall use instead. */
  enter (context: FastifyInstance, options: RouteOptions): void {
    const route = readRoute(options)
    const { schema } = options
    if (!this.knowsWebsockets && context.hasDecorator(WEBSOCKETS)) route.faults.push(`${route.name}: ${WEBSOCKETS_BEHIND}`)
    this.entered.push({ route, context, options, schema })
    options.config = { ...options.config, [this.mark]: route } as NonNullable<RouteOptions['config']>
    options.schema = bareSchema(route, schema, (bare, purpose) => this.purposes.set(bare, { purpose, context }))
    options.preValidation = [...[options.preValidation ?? []].flat(), checkInput]
    const logSerializers = logSerializersWithoutSecrets(context.log, options.logSerializers)
    if (logSerializers !== undefined) options.logSerializers = logSerializers
  }

  find (request: FastifyRequest): GuardedRoute {
    const route = this.marked(routeConfig(request))
    if (route !== undefined) return route
    return request.is404 ? notFoundRoute : unseenRoute
  }

  private marked (config: unknown): GuardedRoute | undefined {
    return (config as { readonly [mark: symbol]: GuardedRoute | undefined } | undefined)?.[this.mark]
  }

  /**
   * Ends the boot, once all routes were compiled: reads what takes the shared schemas; from now on nothing changes.
   * @param printed all routes of the application, as Fastify prints them with `PRINTED`
   * @returns everything that stands against serving
   */
  finish (printed: string): string[] {
    const faults = new Set([...printedFaults(printed), ...this.entered.flatMap(entered => this.faultsOf(entered))])
    for (const { route } of this.entered) Object.freeze(route)
    return [...faults].filter(fault => !(fault.startsWith('HEAD ') && faults.has(fault.replace('HEAD', 'GET'))))
  }

  /** Once the boot has ended: what has no claim set yet. */
  missing (): MissingAnnotations[] {
    return [...this.unannotated]
      .filter(([where, pointers]) => pointers.length > 0 && !(where.startsWith('HEAD ') && this.unannotated.has(where.replace('HEAD', 'GET'))))
      .map(([where, pointers]) => ({ where, pointers }))
  }

  /** Once the boot has ended: the routes, for reports. */
  facts (): RouteFacts[] {
    return routeFacts(this.entered.map(({ route }) => route))
  }

  /** What these routes use, and this policy does not have. */
  lostNames (policy: PolicySnapshot): LostNames {
    return lostNames(this.entered.map(({ route }) => route), policy)
  }

  private faultsOf ({ route, context, options, schema }: Entered): string[] {
    const { name, responses, scopes = [] } = route
    const faults = [...route.faults]
    if (this.marked(options.config) !== route || ![options.preValidation].flat().includes(checkInput)) {
      faults.push(`${name}: an onRoute hook took away what the guard had added to config and preValidation. Let it add its own instead.`)
    }
    if (route.public) return faults
    const { scopes: known } = this.policy.current.document
    const unknown = scopes.filter(scope => !Object.hasOwn(known, scope))
    if (unknown.length > 0) faults.push(`${name}, config.keyhole: unknown scope ${unknown.join(', ')}. The policy has ${Object.keys(known).join(', ')}.`)
    const schemas = [
      ...readInput(route, schema, this.contextOf(context)),
      ...responses.entries.map(({ name, release }) => ({ name, faults: release?.faults ?? [NOT_COMPILED] }))
    ]
    for (const { name: part, faults } of schemas) this.unannotated.set(`${name}, ${part}`, ungovernedPointers(faults))
    return [...faults, ...schemas.flatMap(({ name: part, faults }) => describeFaults(`${name}, ${part}`, faults, this.policy.current.claimSets))]
  }

  private contextOf (context: FastifyInstance): SchemaContext {
    return { shared: originalsOf(context.getSchemas() as Record<string, JsonSchema>), known: this.policy.current.claimSets, masks: this.masks }
  }
}

/** What @fastify/websocket decorates the application with. */
export const WEBSOCKETS = 'websocketServer'

const WEBSOCKETS_BEHIND = '@fastify/websocket was registered behind the guard, where connections that the guard refuses would stay open. Register it before the guard.'

const NOT_COMPILED: Fault = {
  kind: 'other',
  pointer: '',
  message: 'the guard did not get to compile it. Take out serializerCompiler, setSerializerCompiler or the onRoute hook that replaced it, ' +
    "or opt the route out with config.keyhole.release: { raw: 'the reason why' }."
}
