import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance, type RouteHandlerMethod } from 'fastify'
import { resourceGuard, type JWKSet } from 'fastify-keyhole'
import { AUDIENCE, ISSUER, POLICY, policyOf } from './issuer.js'
import type { Workload } from './workloads.js'

/** How much there is beside the one route that is asked. */
export interface Size {
  /** More routes like it. */
  readonly routes?: number
  /** More claim sets, scopes and roles. */
  readonly policy?: number
}

/** An application with one route, behind a guard that takes the tokens of `jwks` or without any security. */
export async function createApp (workload: Workload, guarded: boolean, jwks: JWKSet, { routes = 0, policy }: Size = {}): Promise<FastifyInstance> {
  const app = Fastify()
  const { route, schema } = workload
  // The bare route stands in a context of its own too: an application without any `register` is some microseconds faster.
  await app.register(async api => {
    if (guarded) await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy: policy === undefined ? POLICY : policyOf(policy), jwks })
    const urls = [route, ...Array.from({ length: routes }, (_, number) => `/more/${number}${route}`)]
    for (const url of urls) {
      api.get<{ Params: { id?: string } }>(url, { schema: guarded ? schema : withoutAnnotations(schema) }, workload.isStream ? streaming(workload, guarded) : async ({ params }) => workload.answer(params.id))
    }
  })
  return app
}

/** Without the guard, as somebody writes it who knows what is fast: the serializer of one record, and batches. */
function streaming ({ value, schema }: Workload, guarded: boolean): RouteHandlerMethod {
  const records = value as readonly Record<string, unknown>[]
  if (guarded) return async (request, reply) => reply.send(request.keyhole.stream(eachOf(records)))
  const item = withoutAnnotations(schema).response[200].items as Record<string, unknown>
  return async (_request, reply) => {
    const serialize = reply.compileSerializationSchema(item)
    return reply.type('application/json; charset=utf-8').send(Readable.from(batches(eachOf(records), serialize)))
  }
}

/** As a database gives them. */
export async function * eachOf<Item> (records: readonly Item[]): AsyncGenerator<Item> {
  yield * records
}

export async function * batches<Item> (records: AsyncIterable<Item>, serialize: (record: Item) => string): AsyncGenerator<string> {
  let text = '['
  let isFirst = true
  for await (const record of records) {
    text += isFirst ? serialize(record) : ',' + serialize(record)
    isFirst = false
    if (text.length < 32_768) continue
    yield text
    text = ''
  }
  yield `${text}]`
}

/** As those write it who have no guard. */
export function withoutAnnotations (schema: Workload['schema']): Workload['schema'] {
  return JSON.parse(JSON.stringify(schema, (keyword, value) => keyword === 'claimSet' ? undefined : value))
}
