import type { FastifyInstance, FastifyRequest, FastifySchema, RouteOptions } from 'fastify'
import { RouteUnseenError } from '../../lib/errors.js'
import type { Policy } from '../../lib/policy/policy.js'
import type { SchemaContext } from '../../lib/release/classify.js'
import { closedError } from '../../lib/release/closed-error.js'
import { sealForAny } from '../../lib/release/gate.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { compileWhole, createRelease, type SerializerOptions } from '../../lib/release/release.js'
import { NO_CLAIM_SETS } from './grants.js'
import { bareSchema, readInput, readRoute, routeFaults, type GuardedRoute } from './guarded-route.js'
import { ResponseTable, type ResponseEntry } from './response-table.js'
import { createSchemaBucket, originalsOf } from './schema-bucket.js'

const ROUTE = Symbol('keyhole.route')

/** Where a URL leads to no route: nobody needs a token to learn that, and only a closed error leaves. */
export const notFoundRoute: GuardedRoute = {
  name: '(no route)', public: false, raw: false, scopes: undefined, responses: new ResponseTable(), bodies: undefined, query: undefined, faults: []
}

type SchemaController = Parameters<FastifyInstance['setSchemaController']>[0]

/** What Fastify hands a serializer compiler. */
interface Compilation { readonly schema: unknown, readonly method: string, readonly url: string }

/** A serializer as Fastify calls it where no guard is asked: for errors that it writes by itself, it may be given a sealed buffer. */
type Serializer = (payload: unknown) => string

interface Entered { readonly route: GuardedRoute, readonly context: FastifyInstance, readonly schema: FastifySchema | undefined }

/** What one guard knows of the routes of its context, from their declaration to the end of the boot. */
export class RouteBook {
  private readonly entered: Entered[] = []
  private readonly responses = new WeakMap<object, { readonly entry: ResponseEntry, readonly context: FastifyInstance }>()
  private readonly open = new WeakSet<object>()
  private readonly closed = new WeakSet<object>()
  private readonly unseen: string[] = []

  constructor (private readonly policy: Policy) {}

  /** Annotations are for the guard alone: Fastify and its compilers get schemas without them. */
  readonly schemaController = {
    bucket: createSchemaBucket,
    compilersFactory: { buildSerializer: (_shared: unknown, options?: SerializerOptions) => this.compiler(options) }
  } as unknown as SchemaController

  compiler (options: SerializerOptions = {}): (compilation: Compilation) => Serializer {
    return ({ schema, method, url }) => {
      if (this.closed.has(schema as object)) return serializeClosed
      const known = this.responses.get(schema as object)
      if (known !== undefined) {
        known.entry.release = createRelease(known.entry.schema, this.contextOf(known.context), options)
        return serializeUnasked(known.entry)
      }
      if (!this.open.has(schema as object)) this.unseen.push(`${method} ${url}`)
      return compileWhole(schema as JsonSchema, {}, options)
    }
  }

  /** A route is declared: reads what it says and gives Fastify the schema without annotations. */
  enter (context: FastifyInstance, options: RouteOptions): GuardedRoute {
    const route = readRoute(options)
    const { schema } = options
    this.entered.push({ route, context, schema })
    options.config = { ...options.config, [ROUTE]: route } as NonNullable<RouteOptions['config']>
    options.schema = bareSchema(route, schema, {
      release: (bare, entry) => this.responses.set(bare, { entry, context }),
      open: bare => this.open.add(bare),
      closed: bare => this.closed.add(bare)
    })
    return route
  }

  /** @throws {FST_KEYHOLE_ROUTE_UNSEEN} for a route that was declared before the guard. */
  find (request: FastifyRequest): GuardedRoute {
    const route = (request.routeOptions.config as { [ROUTE]?: GuardedRoute })[ROUTE]
    if (route === undefined) throw new RouteUnseenError()
    return route
  }

  /** Everything that stands against serving, once all routes were compiled. */
  faults (): string[] {
    const unseen = this.unseen.map(name => `${name}: it was declared before the guard. Write 'await' before register(resourceGuard, …), and declare the route after it.`)
    return [...new Set([...unseen, ...this.entered.flatMap(({ route, context, schema }) =>
      route.public ? route.faults : routeFaults(route, readInput(route, schema, this.contextOf(context)), this.policy.current))])]
  }

  private contextOf (context: FastifyInstance): SchemaContext {
    return { shared: originalsOf(context.getSchemas() as Record<string, JsonSchema>), known: this.policy.current.claimSets }
  }
}

function serializeClosed (payload: unknown): string {
  return sealForAny(closedError((payload as { statusCode: number }).statusCode, payload)) as unknown as string
}

/** For an error that Fastify writes by itself: what any token may see, with the message of a 5xx left out. */
function serializeUnasked (entry: ResponseEntry): Serializer {
  return payload => {
    const serialize = entry.release!.serializerFor(NO_CLAIM_SETS)
    if (!(payload instanceof Error)) return serialize(payload)
    const { statusCode } = payload as Error & { statusCode: number }
    const shown = JSON.parse(closedError(statusCode, payload)) as object
    return sealForAny(serialize({ ...shown })) as unknown as string
  }
}
