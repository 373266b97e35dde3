import type { FastifyInstance, FastifyRequest, FastifySchema, FastifySerializerCompiler, RouteOptions } from 'fastify'
import type { Policy } from '../../lib/policy/policy.js'
import type { PolicySnapshot } from '../../lib/policy/snapshot.js'
import type { SchemaContext } from '../../lib/release/classify.js'
import { describeFaults, ungovernedPointers, type Fault } from '../../lib/release/fault.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import type { MaskRegistry } from '../../lib/release/masks.js'
import { ReleaseCache } from '../../lib/release/release-cache.js'
import { compileWhole, type SerializerOptions } from '../../lib/release/release.js'
import { rememberDescribed } from '../../lib/openapi/described-routes.js'
import type { MissingAnnotations, RouteFacts, Shortcomings } from '../../lib/report/facts.js'
import { checkInput } from './check-input.js'
import { notFoundRoute, readRoute, unseenRoute, type GuardedRoute, type RouteDefaults } from './guarded-route.js'
import { logSerializersWithoutSecrets } from './loggable-request.js'
import { lostNames, type LostNames } from './lost-names.js'
import type { Observer } from './observer.js'
import { printedFaults } from './printed-routes.js'
import { routeConfig } from './route-config.js'
import { routeFacts } from './route-facts.js'
import { bareSchema, readInput, type Purpose } from './route-schemas.js'
import { createSchemaBucket, originalsOf } from './schema-bucket.js'
import { closingErrors, serializeUnasked, serializeUnguarded, whileObserved } from './serializers.js'

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

/** What stands about the guard, besides its policy. */
interface Surroundings {
  /** Whether @fastify/websocket stands above the guard. */
  readonly knowsWebsockets: boolean
  /** The serializer compiler that the application has set above the guard, for as long as routes are only observed. */
  readonly ownCompiler: Compiler | undefined
  readonly defaults: RouteDefaults
  readonly observer: Observer
}

type Compiler = FastifySerializerCompiler<unknown>

/** What the boot found. */
export interface Findings {
  /** What stands against serving. */
  readonly faults: readonly string[]
  /** What will, once the routes are no longer only observed. */
  readonly warnings: readonly string[]
  /** Both, for those who mend them. */
  readonly shortcomings: Shortcomings
}

/** A schema of a route, with what stands against releasing it by fields. */
interface Examined {
  /** Such as `GET /customers/:id, response 200`. */
  readonly where: string
  readonly faults: readonly Fault[]
}

/** What one guard knows of the routes of its context, from their declaration to the end of the boot. */
export class RouteBook {
  private readonly mark = Symbol('keyhole.route')
  private readonly entered: Entered[] = []
  private findings: Findings | undefined
  private readonly releases = new ReleaseCache()
  private readonly purposes = new WeakMap<object, { readonly purpose: Purpose, readonly route: GuardedRoute, readonly context: FastifyInstance }>()

  constructor (private readonly policy: Policy, private readonly masks: MaskRegistry, private readonly surroundings: Surroundings) {}

  /** Annotations are for the guard alone: Fastify and its compilers get schemas without them. */
  readonly schemaController = {
    bucket: createSchemaBucket,
    compilersFactory: { buildSerializer: (shared: Schemas, options?: SerializerOptions) => this.compiler(shared, options) }
  } as unknown as SchemaController

  /** A serializer compiler. Where a schema is of no route that was entered, it is written whole. */
  compiler (shared: Schemas, options: SerializerOptions = DEFAULTS): Compiler {
    return compilation => {
      const { schema } = compilation
      const { purpose, route, context } = this.purposes.get(schema as object) ?? {}
      const whole = () => compileWhole(schema as JsonSchema, shared, options)
      const own = () => this.surroundings.ownCompiler?.(compilation) ?? whole()
      switch (purpose?.kind) {
        case 'released':
          purpose.entry.release = this.releases.get(purpose.entry.schema, this.contextOf(context!), options)
          return whileObserved(route!, own, serializeUnasked(purpose.entry))
        case 'raw': return whileObserved(route!, own, closingErrors(whole()))
        case 'closed': return whileObserved(route!, () => serializeUnguarded, closingErrors(JSON.stringify))
        default: return whole()
      }
    }
  }

  /** A route is declared: reads what it says, and gives Fastify what it shall use instead. */
  enter (context: FastifyInstance, options: RouteOptions): void {
    const { knowsWebsockets, defaults, observer } = this.surroundings
    const route = readRoute(options, defaults)
    const { schema } = options
    if (!knowsWebsockets && context.hasDecorator(WEBSOCKETS)) route.faults.push(`${route.name}: ${WEBSOCKETS_BEHIND}`)
    this.entered.push({ route, context, options, schema })
    options.config = { ...options.config, [this.mark]: route } as NonNullable<RouteOptions['config']>
    options.schema = bareSchema(route, schema, (bare, purpose) => this.purposes.set(bare, { purpose, route, context }))
    rememberDescribed(options.schema, schema?.response, {
      policy: this.policy, public: route.public, raw: route.raw, scopes: route.scopes, boundTokens: route.mustBeBound ? 'demanded' : defaults.canProve ? 'taken' : 'refused', shared: () => this.contextOf(context).shared!
    })
    options.preValidation = [...[options.preValidation ?? []].flat(), checkInput]
    if (route.observation !== undefined) observe(options, observer)
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
   */
  finish (printed: string): Findings {
    this.findings ??= this.examine(printed)
    return this.findings
  }

  private examine (printed: string): Findings {
    const faults = printedFaults(printed)
    const warnings: string[] = []
    const missing: MissingAnnotations[] = []
    const others = [...faults]
    const { claimSets } = this.policy.current
    for (const entered of this.entered) {
      const { route } = entered
      const ofRoute = this.faultsOf(entered)
      faults.push(...ofRoute)
      others.push(...ofRoute)
      const found = route.observation === undefined ? faults : warnings
      for (const { where, faults } of route.public ? [] : this.examined(entered)) {
        found.push(...describeFaults(where, faults, claimSets))
        others.push(...describeFaults(where, faults.filter(({ kind }) => kind !== 'ungoverned'), claimSets))
        const pointers = ungovernedPointers(faults)
        if (pointers.length > 0) missing.push({ where, pointers })
      }
      Object.freeze(route)
    }
    return {
      faults: withoutTwins(faults, String),
      warnings: withoutTwins(warnings, String),
      shortcomings: { missing: withoutTwins(missing, ({ where }) => where), others: withoutTwins(others, String) }
    }
  }

  /** Once the boot has ended: the routes, for reports. */
  facts (): RouteFacts[] {
    return routeFacts(this.entered.map(({ route }) => route))
  }

  /** What these routes use, and this policy does not have. */
  lostNames (policy: PolicySnapshot): LostNames {
    return lostNames(this.entered.map(({ route }) => route), policy)
  }

  private faultsOf ({ route, options }: Entered): string[] {
    const { name, scopes = [] } = route
    const faults = [...route.faults]
    if (this.marked(options.config) !== route || ![options.preValidation].flat().includes(checkInput)) {
      faults.push(`${name}: an onRoute hook took away what the guard had added to config and preValidation. Let it add its own instead.`)
    }
    if (route.public) return faults
    const { scopes: known } = this.policy.current.document
    const unknown = scopes.filter(scope => !Object.hasOwn(known, scope))
    if (unknown.length > 0) faults.push(`${name}, config.keyhole: unknown scope ${unknown.join(', ')}. The policy has ${Object.keys(known).join(', ')}.`)
    return faults
  }

  /** What is not classified, or cannot be released as it is. */
  private examined ({ route, context, schema }: Entered): Examined[] {
    const schemas = [
      ...readInput(route, schema, this.contextOf(context)),
      ...route.responses.entries.map(({ name, release }) => ({ name, faults: release?.faults ?? [NOT_COMPILED] }))
    ]
    return schemas.map(({ name, faults }) => ({ where: `${route.name}, ${name}`, faults }))
  }

  private contextOf (context: FastifyInstance): SchemaContext {
    return { shared: originalsOf(context.getSchemas() as Record<string, JsonSchema>), known: this.policy.current.claimSets, masks: this.masks }
  }
}

/** Adds the observer's hooks to a route, once: a twin for HEAD comes with those of its GET. */
function observe (options: RouteOptions, { beforeValidation, beforeSerialization, beforeSending }: Observer): void {
  const others = <Hook>(hooks: Hook | Hook[] | undefined, own: unknown) => [hooks ?? []].flat().filter(hook => hook !== own) as Hook[]
  options.preValidation = [...others(options.preValidation, beforeValidation), beforeValidation]
  options.preSerialization = [...others(options.preSerialization, beforeSerialization), beforeSerialization]
  options.onSend = [beforeSending, ...others(options.onSend, beforeSending)]
}

/** Each once by its text, and of a twin for HEAD only what its GET does not say. */
function withoutTwins<Entry> (entries: readonly Entry[], textOf: (entry: Entry) => string): Entry[] {
  const distinct = new Map(entries.map(entry => [textOf(entry), entry]))
  return [...distinct].filter(([text]) => !(text.startsWith('HEAD ') && distinct.has(text.replace('HEAD', 'GET')))).map(([, entry]) => entry)
}

/** One object, by which what was made with it is known. */
const DEFAULTS: SerializerOptions = {}

/** What @fastify/websocket decorates the application with. */
export const WEBSOCKETS = 'websocketServer'

const WEBSOCKETS_BEHIND = '@fastify/websocket was registered behind the guard, where connections that the guard refuses would stay open. Register it before the guard.'

const NOT_COMPILED: Fault = {
  kind: 'other',
  pointer: '',
  message: 'the guard did not get to compile it. Take out serializerCompiler, setSerializerCompiler or the onRoute hook that replaced it, ' +
    "or opt the route out with config.keyhole.release: { raw: 'the reason why' }."
}
