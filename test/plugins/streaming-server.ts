import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import resourceGuard from '../../plugins/resource-guard.js'
import { bearer, Customer, GUARD, JANE, tokenOf } from './resource-guard-app.js'

/**
 * A process that streams a million records, with `--expose-gc`. It tells where it listens and what to say there, and
 * for each message how many records it has made, and how much of the heap is in use after a collection.
 */

const RECORDS = 1_000_000
const EACH = 100_000

export interface Listening { readonly port: number, readonly headers: { readonly authorization: string } }

/** Bytes. */
export interface Usage { readonly made: number, readonly now: number, readonly most: number }

let made = 0
let most = 0

function heapUsed (): number {
  globalThis.gc!()
  return process.memoryUsage().heapUsed
}

async function * records (): AsyncGenerator<unknown> {
  for (made = 0; made < RECORDS; made++) {
    if (made % EACH === 0) most = Math.max(most, heapUsed())
    yield { ...JANE, id: `c${made}`, name: `Jane ${made}` }
  }
}

const app = Fastify()
await app.register(async api => {
  await api.register(resourceGuard, GUARD)
  api.get('/few', { schema: { response: { 200: Type.Array(Customer) } } }, async (request, reply) => reply.send(request.keyhole.stream([JANE])))
  api.get('/', { schema: { response: { 200: Type.Array(Customer) } } }, async (request, reply) => reply.send(request.keyhole.stream(records())))
})
await app.listen({ port: 0, host: '127.0.0.1' })
process.on('message', () => { process.send!({ made, now: heapUsed(), most } satisfies Usage) })
process.once('disconnect', () => process.exit())
process.send!({ port: (app.server.address() as { port: number }).port, headers: bearer(tokenOf('profile')) } satisfies Listening)
