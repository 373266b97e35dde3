import { connect, type IncomingHttpHeaders } from 'node:http2'
import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { inspect } from 'node:util'
import compress from '@fastify/compress'
import etag from '@fastify/etag'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import t, { type Test } from 'tap'
import type { Records } from '../../lib/gate/record-source.js'
import { answersIn, rawRequest, requestBytes } from '../plugins/raw-request.js'
import { bearer, Customer, guardedApp, JANE, SECRET, tokenOf, type GuardedApp } from '../plugins/resource-guard-app.js'

/** Attempts to get a withheld value past the guard by way of a stream, over HTTP/1.1 and HTTP/2. */

interface Attempt {
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => unknown
  readonly options?: RouteShorthandOptions
  readonly context?: (api: FastifyInstance) => unknown
  readonly headers?: Record<string, string>
  /** `released`: the records as this token sees them, and nothing else. `withheld`: 500. `empty`: no body. `cut`: whole records, and no end. */
  readonly outcome: 'released' | 'withheld' | 'empty' | 'cut'
}

const COUNT = 2000
const TEXT = JSON.stringify([JANE])
const OF_PROFILE = JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age })
const RELEASED = `[${Array.from({ length: COUNT }, () => OF_PROFILE).join()}]`

/** Enough for several batches; `act` runs before one in the middle. */
async function * customers (act: () => unknown = () => {}, record: unknown = JANE): AsyncGenerator<unknown> {
  for (let number = 0; number < COUNT; number++) {
    if (number === COUNT / 2) await act()
    yield record
  }
}

/** Sends these records. */
function sending (records: (reply: FastifyReply) => Records) {
  return async (request: FastifyRequest, reply: FastifyReply) => reply.send(request.keyhole.stream(records(reply)))
}

const plain = sending(() => customers())
const streamOf = (request: FastifyRequest) => request.keyhole.stream(customers()) as unknown as object
let another: object | undefined

const ATTEMPTS: Record<string, Attempt> = {
  // What stands for the records
  'as JSON': { handler: (request, reply) => reply.type('application/json').send(JSON.stringify(streamOf(request))), outcome: 'withheld' },
  'in a list': { handler: async (request, reply) => reply.send([streamOf(request)]), outcome: 'withheld' },
  'as the field of a record': { handler: async (request, reply) => reply.send([{ ...JANE, name: streamOf(request) }, streamOf(request)]), outcome: 'withheld' },
  'a copy of it': { handler: async (request, reply) => reply.send({ ...streamOf(request) }), outcome: 'withheld' },
  'another of its class': { handler: async (request, reply) => reply.send(Object.create(Object.getPrototypeOf(streamOf(request)) as object)), outcome: 'withheld' },
  'made by its constructor': {
    handler: async (request, reply) => reply.send(new (streamOf(request).constructor as new (records: unknown) => object)([JANE])),
    outcome: 'withheld'
  },
  'one of another request': {
    handler: async (request, reply) => {
      another ??= (await guardedStream()).stream
      return reply.send(another)
    },
    outcome: 'withheld'
  },
  'sent after it was serialized': {
    handler: async (request, reply) => {
      const stream = streamOf(request)
      reply.serialize(stream)
      return reply.send(stream)
    },
    outcome: 'withheld'
  },
  'serialized, then its text': { handler: (request, reply) => reply.send(reply.serialize(streamOf(request))), outcome: 'released' },
  'serialized, then its text on the raw response': {
    handler: (request, reply) => {
      const text = reply.serialize(streamOf(request))
      reply.hijack().raw.end(text)
    },
    outcome: 'released'
  },
  'serialized, then its text with more behind it': { handler: (request, reply) => { reply.hijack().raw.end(String(reply.serialize(streamOf(request))) + TEXT) }, outcome: 'withheld' },
  'serialized, then its text written, and another end': {
    handler: (request, reply) => {
      reply.raw.write(String(reply.serialize(streamOf(request))))
      reply.hijack().raw.end(TEXT)
    },
    outcome: 'withheld'
  },
  'serialized, then another text': { handler: (request, reply) => { reply.serialize(streamOf(request)); reply.send(TEXT) }, outcome: 'withheld' },
  'serialized, then nothing': { handler: (request, reply) => { reply.serialize(streamOf(request)); reply.hijack().raw.end() }, outcome: 'empty' },

  // The response, before, while and after it is written
  'a write before it': { handler: async (request, reply) => { reply.raw.write(TEXT); return reply.send(streamOf(request)) }, outcome: 'withheld' },
  'a head before it': { handler: async (request, reply) => { reply.raw.writeHead(200, { 'content-type': 'application/json' }); return reply.send(streamOf(request)) }, outcome: 'released' },
  'a write after it was sent': { handler: (request, reply) => { reply.send(streamOf(request)); reply.raw.write(TEXT) }, outcome: 'released' },
  'an end after it was sent': { handler: (request, reply) => { reply.send(streamOf(request)); reply.raw.end(TEXT) }, outcome: 'released' },
  'a write between two records': { handler: sending(({ raw }) => customers(() => raw.write(`${TEXT},`))), outcome: 'released' },
  'an end between two records': { handler: sending(({ raw }) => customers(() => raw.end(TEXT))), outcome: 'released' },
  'a write with a turn between': { handler: sending(({ raw }) => customers(async () => { await setImmediate(); raw.write(TEXT); await setImmediate() })), outcome: 'released' },
  'a write while a record is written': { handler: sending(({ raw }) => customers(undefined, { ...JANE, get name () { raw.write(TEXT); return JANE.name } })), outcome: 'released' },
  'writes whenever there is room': { handler: sending(({ raw }) => { raw.on('drain', () => raw.write(TEXT)); return customers() }), outcome: 'released' },
  'a second answer between two records': { handler: sending(reply => customers(() => { reply.send(TEXT) })), outcome: 'released' },
  'hijacked between two records': { handler: sending(reply => customers(() => { reply.hijack().raw.end(TEXT) })), outcome: 'released' },
  'another head between two records': { handler: sending(({ raw }) => customers(() => { raw.writeHead(200, { 'x-iban': SECRET }) })), outcome: 'released' },
  'a trailer': { handler: (request, reply) => reply.trailer('x-iban', async () => SECRET).send(streamOf(request)), outcome: 'withheld' },
  'trailers between two records': { handler: sending(({ raw }) => customers(() => raw.addTrailers({ 'x-iban': SECRET }))), outcome: 'released' },

  // Records
  'records with toJSON that adds fields': { handler: sending(() => customers(undefined, { toJSON: () => ({ ...JANE, more: SECRET }) })), outcome: 'released' },
  'records that are text': { handler: sending(() => customers(undefined, JSON.stringify(JANE))), outcome: 'withheld' },
  'records that are bytes': { handler: sending(() => Readable.from([Buffer.from(TEXT)])), outcome: 'withheld' },
  'a list in place of a record': { handler: sending(() => customers(undefined, [JANE])), outcome: 'withheld' },
  'an error that quotes data': { handler: sending(() => customers(() => { throw Object.assign(new Error(SECRET), { code: SECRET.toLowerCase(), data: JANE }) })), outcome: 'cut' },
  'an error that quotes data, at once': { handler: sending(() => Readable.from((function * () { throw Object.assign(new Error(SECRET), { statusCode: 409, expose: true }) })())), outcome: 'withheld' },
  'an iterator that answers by itself': { handler: sending(({ raw }) => ({ [Symbol.iterator] () { raw.end(TEXT); return [JANE][Symbol.iterator]() } })), outcome: 'released' },

  // Hooks and plugins
  'onSend that replaces it': { handler: plain, options: { onSend: async () => TEXT }, outcome: 'withheld' },
  'onSend that wraps it': { handler: plain, options: { onSend: async (_request, _reply, payload) => `${String(payload)}${SECRET}` }, outcome: 'withheld' },
  'onSend that gives it as bytes': { handler: plain, options: { onSend: async (_request, _reply, payload) => Buffer.from(String(payload)) }, outcome: 'withheld' },
  'onSend that pipes it': { handler: plain, options: { onSend: async (_request, _reply, payload) => Readable.from([payload, TEXT]) }, outcome: 'withheld' },
  'onSend that gives nothing': { handler: plain, options: { onSend: async () => null }, outcome: 'empty' },
  'onSend that writes': { handler: plain, options: { onSend: async (_request, reply, payload) => { reply.raw.write(TEXT); return payload } }, outcome: 'withheld' },
  'onSend that says it is compressed': { handler: plain, options: { onSend: async (_request, reply, payload) => { reply.header('content-encoding', 'gzip'); return payload } }, outcome: 'released' },
  'preSerialization that wraps it': { handler: plain, options: { preSerialization: async (_request, _reply, payload) => ({ data: payload }) }, outcome: 'withheld' },
  'preSerialization that reads it': { handler: plain, options: { preSerialization: async (_request, _reply, payload) => JSON.parse(JSON.stringify(payload)) }, outcome: 'withheld' },
  'a serializer of the handler': { handler: async (request, reply) => reply.serializer(() => TEXT).send(streamOf(request)), outcome: 'withheld' },
  'onResponse that writes': { handler: plain, options: { onResponse: async (_request, reply) => { reply.raw.end(TEXT) } }, outcome: 'released' },
  '@fastify/compress': { handler: plain, context: api => api.register(compress), headers: { 'accept-encoding': 'gzip' }, outcome: 'released' },
  '@fastify/compress of everything': { handler: plain, context: api => api.register(compress, { threshold: 0 }), headers: { 'accept-encoding': 'gzip' }, outcome: 'withheld' },
  'reply.compress': { handler: (request, reply) => { reply.compress(streamOf(request) as never) }, context: api => api.register(compress), headers: { 'accept-encoding': 'gzip' }, outcome: 'released' },
  '@fastify/etag': { handler: plain, context: api => api.register(etag), headers: { 'if-none-match': '*' }, outcome: 'released' }
}

interface Answer { readonly status: number, readonly head: string, readonly body: string }

async function attempted (t: Test, { handler, options = {}, context }: Attempt, server = {}): Promise<GuardedApp> {
  const guarded = await guardedApp(t, async api => {
    await context?.(api)
    // Compressing and tags come with hooks of routes that are declared after them.
    api.register(async api => { api.get('/', { schema: { response: { 200: Type.Array(Customer) } }, ...options }, handler as never) })
  }, { server })
  await guarded.app.listen({ port: 0, host: '127.0.0.1' })
  return guarded
}

function judge (t: Test, outcome: Exclude<Attempt['outcome'], 'cut'>, { status, head, body }: Answer, log: GuardedApp['log']): void {
  t.equal(status, outcome === 'withheld' ? 500 : 200)
  t.match(head, /cache-control: no-store/i)
  t.notMatch(head, /content-encoding|etag/i)
  if (outcome === 'withheld') {
    const { statusCode, code, error, message, ...more } = JSON.parse(body)
    t.strictSame(more, {})
    t.equal(message, error)
    t.ok(log.lines().some(({ level }) => level === 50), 'there is a word of it in the log')
  } else {
    t.ok(body === (outcome === 'empty' ? '' : RELEASED) || body === `[${OF_PROFILE}]`, body.slice(0, 200))
  }
}

for (const [what, attempt] of Object.entries(ATTEMPTS)) {
  const { outcome, headers = {} } = attempt
  t.test(`a stream, ${what} → ${outcome}`, async t => {
    const { app, log } = await attempted(t, attempt)
    const raw = await rawRequest(app, requestBytes('GET /', { ...bearer(tokenOf('profile')), ...headers }))
    t.notMatch(raw, SECRET)
    t.notMatch(log.lines().filter(({ blocked, stream }) => blocked ?? stream).map(line => JSON.stringify(line)).join(), new RegExp(SECRET, 'i'))
    if (outcome === 'cut') {
      t.match(raw, OF_PROFILE)
      t.notMatch(raw, /\r\n0\r\n\r\n$/)
      return
    }
    const answers = answersIn(raw)
    t.equal(answers.length, 1)
    judge(t, outcome, answers[0]!, log)
  })

  t.test(`HTTP/2: a stream, ${what} → ${outcome}`, async t => {
    const { app, log } = await attempted(t, attempt, { http2: true })
    const session = connect(`http://127.0.0.1:${(app.server.address() as { port: number }).port}`)
    t.teardown(() => session.destroy())
    const stream = session.request({ ':path': '/', ...bearer(tokenOf('profile')), ...headers })
    const heads: IncomingHttpHeaders[] = []
    const chunks: Buffer[] = []
    for (const event of ['response', 'headers', 'trailers', 'push']) stream.on(event, headers => { heads.push(headers) })
    stream.on('data', chunk => { chunks.push(chunk) }).on('error', () => {})
    await new Promise(resolve => { stream.once('close', resolve) })
    const head = heads.map(headers => Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`).join('\n')).join('\n')
    const body = Buffer.concat(chunks).toString()
    t.notMatch(`${head}\n${body}`, SECRET)
    if (outcome === 'cut') t.not(stream.rstCode, 0)
    else judge(t, outcome, { status: Number(heads[0]?.[':status']), head, body }, log)
  })
}

/** A stream that was never sent. */
async function guardedStream (): Promise<{ readonly stream: object }> {
  let stream: object | undefined
  const { get } = await guardedApp(t, api => {
    api.get('/', { schema: { response: { 200: Type.Array(Customer) } } }, async request => {
      stream = streamOf(request)
      return []
    })
  })
  await get('/', 'profile')
  return { stream: stream! }
}

t.test('what stands for the records → gives nothing to whoever looks at it', async t => {
  const { stream } = await guardedStream()
  t.equal(JSON.stringify(stream), '{}')
  t.strictSame(Reflect.ownKeys(stream), [])
  t.strictSame(Reflect.ownKeys(Object.getPrototypeOf(stream) as object), ['constructor'])
  t.strictSame(structuredClone(stream), {})
  t.notMatch(inspect(stream, { showHidden: true, depth: Infinity, getters: true }), /iban|Jane|generator/i)
  t.ok(Object.isFrozen(stream))
  t.notOk(Symbol.iterator in stream || Symbol.asyncIterator in stream || 'then' in stream || 'pipe' in stream)
})

t.test('NDJSON: line breaks in records → escaped, one record a line', async t => {
  const name = `a\n{"iban":"x"}\r\n\u2028\u0085${'long '.repeat(50)}\n`
  const { get } = await guardedApp(t, api => {
    api.get('/', { schema: { response: { 200: Type.Array(Customer) } } }, sending(() => [{ ...JANE, name }, { ...JANE, name }]) as never)
  })
  const { payload } = await get('/', 'profile', { headers: { accept: 'application/x-ndjson' } })
  const lines = payload.split('\n')
  t.equal(lines.length, 3)
  t.strictSame(lines.slice(0, 2).map(line => JSON.parse(line).name), [name, name])
})

t.test('the policy is replaced between two records → the whole stream ends on the one that it began with', async t => {
  const { createPolicy } = await import('../../lib/policy/policy.js')
  const { POLICY } = await import('../plugins/resource-guard-app.js')
  const policy = createPolicy(POLICY)
  const wider = { ...POLICY, scopes: { ...POLICY.scopes, profile: { reads: ['profile_claims', 'banking_claims'] } } }
  const { get } = await guardedApp(t, api => {
    api.get('/', { schema: { response: { 200: Type.Array(Customer) } } }, sending(() => customers(() => policy.replace(wider))) as never)
  }, { options: { policy } })
  t.equal((await get('/', 'profile')).payload, RELEASED)
  t.match((await get('/', 'profile')).payload, SECRET, 'the next request')
})

t.test('an error handler that streams to whoever has no token → nothing', async t => {
  const { get } = await guardedApp(t, api => {
    api.setErrorHandler((_error, request, reply) => { reply.code(200).send(request.keyhole.stream([JANE])) })
    api.get('/', { schema: { response: { 200: Type.Array(Customer) } } }, plain as never)
  })
  const { statusCode, payload } = await get('/', null)
  t.equal(statusCode, 500)
  t.notMatch(payload, JANE.name)
})

t.test('D50 the order of the records → the source\'s; data that only a withheld field tells apart → the same bytes', async t => {
  const bodies = await Promise.all([1, 2].map(async balance => {
    const { get } = await guardedApp(t, api => {
      api.get('/', { schema: { response: { 200: Type.Array(Customer) } } }, sending(() => [{ ...JANE, id: 'c2' }, { ...JANE, banking: { iban: `x${balance}`, balance } }]) as never)
    })
    const { headers: { date, ...headers }, payload } = await get('/', 'profile')
    return { headers, payload }
  }))
  t.strictSame(bodies[0], bodies[1])
  t.match(bodies[0]?.payload, /"c2".*"c1"/)
})
