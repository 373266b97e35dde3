import type { FastifySchema } from 'fastify'
import { ANY_TOKEN, CLAIM_SET_KEYWORD, isBareNull } from '../../lib/release/annotation.js'
import type { SchemaContext } from '../../lib/release/classify.js'
import { CLOSED_ERROR_SCHEMA } from '../../lib/gate/closed-error.js'
import type { Fault } from '../../lib/release/fault.js'
import { isSchema, type JsonSchema } from '../../lib/release/json-schema.js'
import { createQueryCheck } from '../../lib/release/query-check.js'
import { createWriteCheck } from '../../lib/release/write-check.js'
import type { GuardedRoute } from './guarded-route.js'
import type { ResponseEntry } from './response-table.js'
import { plainSchema, withoutAnnotationsOf } from './schema-bucket.js'

/** What a response schema is for, which decides what writes by it. */
export type Purpose =
  /** To release fields. */
  | { readonly kind: 'released', readonly entry: ResponseEntry }
  /** To write the whole value: that of a raw route, whose errors are closed all the same, or of a public one. */
  | { readonly kind: 'raw' | 'public' }
  /** To close the errors of a route that has no schema for them. */
  | { readonly kind: 'closed' }

type Assign = (bare: object, purpose: Purpose) => void

/** The schema that Fastify gets: without annotations, and with the closed shape for errors that have no schema. */
export function bareSchema (route: GuardedRoute, schema: FastifySchema = {}, assign: Assign): FastifySchema {
  const { response = {}, ...bare } = schema as FastifySchema & Record<string, unknown>
  for (const part of ['body', 'querystring', 'query', 'params', 'headers'] as const) {
    if (bare[part] !== undefined) bare[part] = mapContent(plainSchema(bare[part]), (_mediaType, held) => withoutAnnotationsOf(held))
  }
  const responses = bareResponses(route, response as Record<string, unknown>, assign)
  return Object.keys(responses).length === 0 ? bare : { ...bare, response: responses }
}

function bareResponses (route: GuardedRoute, responses: Record<string, unknown>, assign: Assign): Record<string, unknown> {
  const written: Record<string, unknown> = {}
  const closed = (): JsonSchema => {
    const schema = { ...CLOSED_ERROR_SCHEMA }
    assign(schema, { kind: 'closed' })
    return schema
  }
  for (const [status, given] of Object.entries(responses)) {
    const schema = plainSchema(given)
    if (!isSchema(schema)) {
      route.faults.push(`${route.name}, response ${status}: a response schema is an object. Leave it out where there is no body.`)
      continue
    }
    const bare = mapContent(schema, (mediaType, held) => {
      const bare = withoutAnnotationsOf(held)
      assign(bare, purposeOf(route, status, mediaType, held))
      return bare
    })
    written[status] = route.public || !isErrorStatus(status) ? bare : withJson(bare, closed)
  }
  const statuses = new Set(Object.keys(responses).map(status => status.toLowerCase()))
  for (const range of route.public ? [] : ['4xx', '5xx']) {
    if (!statuses.has(range) && !statuses.has('default')) written[range] = closed()
  }
  return written
}

function purposeOf (route: GuardedRoute, status: string, mediaType: string | undefined, schema: JsonSchema): Purpose {
  if (route.public) return { kind: 'public' }
  if (route.raw !== undefined) return { kind: 'raw' }
  // Whoever sees that there is nothing sees nothing.
  const annotated = isBareNull(schema) ? { ...schema, [CLAIM_SET_KEYWORD]: ANY_TOKEN } : schema
  return { kind: 'released', entry: route.responses.add(status, mediaType, annotated) }
}

function isErrorStatus (status: string): boolean {
  return /^[45]|^default$/i.test(status)
}

/** Fastify writes its own errors as JSON, whatever media types an error's schema has. */
function withJson (schema: JsonSchema, closed: () => JsonSchema): JsonSchema {
  const content = contentOf(schema)
  if (content === undefined || Object.hasOwn(content, 'application/json') || Object.hasOwn(content, '*/*')) return schema
  return { ...schema, content: { ...content, 'application/json': { schema: closed() } } }
}

/** A schema of a route, by the name that a developer knows it by, and what stands against it. */
export interface SchemaFaults { readonly name: string, readonly faults: readonly Fault[] }

/** Reads the annotations of what a request brings, once the shared schemas are known. */
export function readInput (route: GuardedRoute, schema: FastifySchema | undefined, context: SchemaContext): SchemaFaults[] {
  const { body, querystring, query = querystring, params, headers } = (schema ?? {}) as FastifySchema & { readonly query?: unknown }
  const read: SchemaFaults[] = []
  if (isSchema(plainSchema(body))) {
    const content = contentOf(plainSchema(body)) ?? { '*': { schema: plainSchema(body) } }
    const checks = Object.entries(content).map(([mediaType, held]) => [mediaType.toLowerCase(), createWriteCheck(plainSchema(held.schema), context)] as const)
    route.bodies = new Map(checks)
    read.push(...checks.map(([mediaType, { faults }]) => ({ name: mediaType === '*' ? 'body' : `body, ${mediaType}`, faults })))
  }
  if (isSchema(plainSchema(query))) {
    route.query = createQueryCheck(plainSchema(query), context)
    read.push({ name: 'querystring', faults: route.query.faults })
  }
  for (const [name, part] of Object.entries({ params, headers })) {
    if (isSchema(plainSchema(part)) && createQueryCheck(plainSchema(part), context).claimSets.length > 0) read.push({ name, faults: [NOT_ASKED] })
  }
  return read
}

const NOT_ASKED: Fault = {
  kind: 'other',
  pointer: '',
  message: 'claim sets are not asked about here. Take claimSet(...) off, and name the scope that the route takes in config.keyhole.scope.'
}

type Content = Readonly<Record<string, { readonly schema: JsonSchema }>>

function contentOf (schema: JsonSchema): Content | undefined {
  return isSchema(schema.content) ? schema.content as Content : undefined
}

/** Changes a schema, or each of those that it holds by media type; these are named as Fastify looks for them, in lower case. */
function mapContent (schema: JsonSchema, change: (mediaType: string | undefined, schema: JsonSchema) => unknown): JsonSchema {
  const content = contentOf(schema)
  if (content === undefined) return change(undefined, schema) as JsonSchema
  const changed = Object.entries(content).map(([mediaType, held]) => [mediaType.toLowerCase(), { ...held, schema: change(mediaType, plainSchema(held.schema)) }])
  return { ...schema, content: Object.fromEntries(changed) }
}
