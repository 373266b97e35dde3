import type { FastifySchema, RouteOptions } from 'fastify'
import type { PolicySnapshot } from '../../lib/policy/snapshot.js'
import type { SchemaContext } from '../../lib/release/classify.js'
import { CLOSED_ERROR_SCHEMA } from '../../lib/release/closed-error.js'
import { describeFaults, type Fault } from '../../lib/release/fault.js'
import { isSchema, type JsonSchema } from '../../lib/release/json-schema.js'
import { createQueryCheck, type QueryCheck } from '../../lib/release/query-check.js'
import { createWriteCheck, type WriteCheck } from '../../lib/release/write-check.js'
import { ResponseTable, type ResponseEntry } from './response-table.js'
import { plainSchema, withoutAnnotationsOf } from './schema-bucket.js'

/** `config.keyhole` of a route in a guarded context. */
export interface KeyholeRouteConfig {
  /** The token must hold this scope, or any one of these. Default: any token that verifies. */
  readonly scope?: string | readonly string[]
  /** true opens the route: no token is asked for, and its answers are not looked at. */
  readonly public?: boolean
  /** Lets this route's bodies leave as the handler sends them; the reason is for whoever reviews it. The token is still asked for. */
  readonly release?: { readonly raw: string }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    keyhole?: KeyholeRouteConfig
  }
}

/** A route in a guarded context, as its declaration says. */
export interface GuardedRoute {
  /** Such as `GET /customers/:id`. */
  readonly name: string
  readonly public: boolean
  readonly raw: boolean
  /** Any one of them will do; undefined where any token will. */
  readonly scopes: readonly string[] | undefined
  readonly responses: ResponseTable
  /** The checks of the body by media type; `*` for any. Undefined where the route declares no body. */
  bodies: ReadonlyMap<string, WriteCheck> | undefined
  query: QueryCheck | undefined
  readonly faults: string[]
}

const CONFIG_MEMBERS = ['scope', 'public', 'release']

/** Reads a route's declaration; what is wrong with `config.keyhole` becomes a fault. */
export function readRoute (options: RouteOptions): GuardedRoute {
  const name = `${[options.method].flat().join(',')} ${options.url}`
  const config = (options.config?.keyhole ?? {}) as KeyholeRouteConfig
  const faults: string[] = []
  const fault = (message: string) => faults.push(`${name}, config.keyhole: ${message}`)

  const unknown = Object.keys(config).filter(member => !CONFIG_MEMBERS.includes(member))
  if (unknown.length > 0) fault(`there is no ${unknown.join(', ')}; there are ${CONFIG_MEMBERS.join(', ')}.`)
  const scopes = config.scope === undefined ? undefined : [config.scope].flat()
  if (scopes !== undefined && (scopes.length === 0 || scopes.some(scope => typeof scope !== 'string'))) fault('scope is the name of a scope, or a list of names that is not empty.')
  if (config.public !== undefined && typeof config.public !== 'boolean') fault('public is true or false.')
  const raw = config.release !== undefined
  if (raw && (typeof config.release?.raw !== 'string' || config.release.raw.trim() === '')) fault("release takes { raw: 'the reason why' }.")
  if (config.public === true && (scopes !== undefined || raw)) fault('a public route has neither scope nor release.')
  return { name, public: config.public === true, raw, scopes, responses: new ResponseTable(), bodies: undefined, query: undefined, faults }
}

/** Whom a schema of a response is handed to when it is compiled. */
export interface ResponseKinds {
  /** Released by this entry. */
  release (bare: object, entry: ResponseEntry): void
  /** Of a public or raw route: written as it is. */
  open (bare: object): void
  /** The closed shape of errors. */
  closed (bare: object): void
}

/** The schema that Fastify gets: without annotations, and with the closed shape for errors that have no schema. */
export function bareSchema (route: GuardedRoute, schema: FastifySchema = {}, kinds: ResponseKinds): FastifySchema {
  const bare: Record<string, unknown> = { ...schema }
  for (const part of ['body', 'querystring', 'query', 'params', 'headers'] as const) {
    if (bare[part] !== undefined) bare[part] = mapContent(plainSchema(bare[part]), (_mediaType, held) => withoutAnnotationsOf(held))
  }
  const responses = bareResponses(route, (schema.response ?? {}) as Record<string, unknown>, kinds)
  if (Object.keys(responses).length > 0) bare.response = responses
  return bare as FastifySchema
}

function bareResponses (route: GuardedRoute, responses: Record<string, unknown>, kinds: ResponseKinds): Record<string, unknown> {
  const written: Record<string, unknown> = {}
  const released = !route.public && !route.raw
  for (const [status, given] of Object.entries(responses)) {
    const schema = plainSchema(given)
    if (!isSchema(schema)) {
      route.faults.push(`${route.name}, response ${status}: a response schema is an object. Leave it out where there is no body.`)
      continue
    }
    written[status] = mapContent(schema, (mediaType, held) => {
      const bare = withoutAnnotationsOf(held)
      if (released) kinds.release(bare, route.responses.add(status, mediaType, held))
      else kinds.open(bare)
      return bare
    })
  }
  const statuses = new Set(Object.keys(responses).map(status => status.toLowerCase()))
  for (const range of released ? ['4xx', '5xx'] : []) {
    if (statuses.has(range) || statuses.has('default')) continue
    written[range] = { ...CLOSED_ERROR_SCHEMA }
    kinds.closed(written[range] as object)
  }
  return written
}

/** A schema of a route, by the name that a developer knows it by, and what stands against it. */
interface SchemaFaults { readonly name: string, readonly faults: readonly Fault[] }

/** Reads the annotations of body and query, once the shared schemas are known. */
export function readInput (route: GuardedRoute, schema: FastifySchema | undefined, context: SchemaContext): SchemaFaults[] {
  const read: SchemaFaults[] = []
  const body = schema?.body === undefined ? undefined : plainSchema(schema.body)
  if (isSchema(body)) {
    const content = contentOf(body) ?? { '*': { schema: body } }
    const checks = Object.entries(content).map(([mediaType, held]) => [mediaType.toLowerCase(), createWriteCheck(plainSchema(held.schema), context)] as const)
    route.bodies = new Map(checks)
    read.push(...checks.map(([mediaType, { faults }]) => ({ name: mediaType === '*' ? 'body' : `body, ${mediaType}`, faults })))
  }
  const query = schema?.querystring ?? (schema as { query?: unknown } | undefined)?.query
  if (query !== undefined && isSchema(plainSchema(query))) {
    route.query = createQueryCheck(plainSchema(query), context)
    read.push({ name: 'querystring', faults: route.query.faults })
  }
  return read
}

/** Everything that stands against guarding a route, as lines for its developer. */
export function routeFaults (route: GuardedRoute, input: readonly SchemaFaults[], policy: PolicySnapshot): string[] {
  const unknownScopes = (route.scopes ?? []).filter(scope => !Object.hasOwn(policy.document.scopes, scope))
  return [
    ...route.faults,
    ...unknownScopes.length === 0
      ? []
      : [`${route.name}, config.keyhole: unknown scope ${unknownScopes.join(', ')}. The policy has ${Object.keys(policy.document.scopes).join(', ')}.`],
    ...[...input, ...route.responses.entries.map(({ name, release }) => ({ name, faults: release?.faults ?? [NOT_COMPILED] }))]
      .flatMap(({ name, faults }) => describeFaults(`${route.name}, ${name}`, faults, policy.claimSets))
  ]
}

const NOT_COMPILED: Fault = {
  kind: 'other',
  pointer: '',
  message: 'it was compiled by a serializer compiler of the application. Remove setSerializerCompiler, or opt the route out with config.keyhole.release: { raw: reason }.'
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>

function contentOf (schema: JsonSchema): Content | undefined {
  return isSchema(schema.content) ? schema.content as Content : undefined
}

/** Changes a schema, or each of those that it holds by media type. */
function mapContent (schema: JsonSchema, change: (mediaType: string | undefined, schema: JsonSchema) => unknown): unknown {
  const content = contentOf(schema)
  if (content === undefined) return change(undefined, schema)
  const changed = Object.entries(content).map(([mediaType, held]) => [mediaType, { ...held, schema: change(mediaType, plainSchema(held.schema)) }])
  return { ...schema, content: Object.fromEntries(changed) }
}
