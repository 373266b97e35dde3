import { EventEmitter, once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect } from 'node:http2'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import Fastify, { type FastifyInstance, type FastifyReply, type FastifyServerOptions, type InjectOptions } from 'fastify'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import type { GuardedRequestEvent } from '../../lib/audit/event.js'
import { createPolicy, type Policy } from '../../lib/policy/policy.js'
import type { ReplayStorage } from '../../lib/replay/replay-storage.js'
import { openStore } from '../../lib/store/open-store.js'
import type { Store } from '../../lib/store/store.js'
import { dpopFor, tokenFor } from '../../lib/testing/index.js'
import resourceGuard from '../../plugins/resource-guard.js'
import { until } from '../policy/log.js'
import { answersIn, rawRequest, requestBytes } from './raw-request.js'
import { AUDIENCE, bearer, Customer, ISSUER, JANE, POLICY, SECRET } from './resource-guard-app.js'

/** Requests that are let in, and then take their time: what holds is asked again once they are there. */

const CLIENT = 'crm'
const SCOPE = 'profile profile:write'
const NARROW = { ...POLICY, scopes: { ...POLICY.scopes, profile: { reads: ['contact_claims'] } } }
const BODY = JSON.stringify({ name: 'New' })
const { id, name, age } = JANE

interface Answer { readonly status: number, readonly challenge: string, readonly body: string }

interface Held {
  readonly app: FastifyInstance
  readonly store: Store
  readonly policy: Policy
  readonly token: string
  readonly written: unknown[]
  readonly events: GuardedRequestEvent[]
  /** Sends a request whose body stops halfway; once the guard has let it in, this changes something, and the rest follows. */
  put (change: () => unknown): Promise<Answer>
  /** Until a new request is refused. */
  refused (): Promise<void>
}

async function holding (t: Test, server: FastifyServerOptions = {}, routes: (api: FastifyInstance) => void = () => {}, replays?: ReplayStorage): Promise<Held> {
  const store = await openStore('sqlite::memory:')
  await store.clients.create({ id: CLIENT, roles: ['any'] })
  const policy = createPolicy(POLICY)
  const written: unknown[] = []
  const events: GuardedRequestEvent[] = []
  let letIn = () => {}
  const app = Fastify(server) as unknown as FastifyInstance
  t.teardown(async () => { await app.close(); await store.close() })
  await app.register(async api => {
    await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy, store: { ...store, ...(replays && { replays }) }, audit: { hook: event => { events.push(event) } } })
    api.addHook('preParsing', async () => { letIn() })
    api.put('/', { schema: { body: Type.Partial(Customer), response: { 200: Customer } }, config: { keyhole: { scope: 'profile' } } }, async request => {
      written.push(request.body)
      return JANE
    })
    routes(api)
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }
  const token = await tokenFor(app, { clientId: CLIENT, scope: SCOPE })
  const headers = { ...bearer(token), 'content-type': 'application/json' }

  return {
    app,
    store,
    policy,
    token,
    written,
    events,
    async put (change) {
      const isIn = new Promise<void>(resolve => { letIn = resolve })
      const sending = 'http2' in server ? overHttp2(t, port, headers) : overHttp1(port, headers)
      sending.write(BODY.slice(0, 5))
      await isIn
      letIn = () => {}
      await change()
      return await sending.end(BODY.slice(5))
    },
    async refused () { await until(async () => (await app.inject({ method: 'PUT', url: '/', headers: bearer(token), payload: {} })).statusCode !== 200) }
  }
}

interface Sending { write (part: string): void, end (part: string): Promise<Answer> }

function overHttp1 (port: number, headers: Record<string, string>): Sending {
  const request = httpRequest({ port, host: '127.0.0.1', method: 'PUT', headers, agent: false })
  return {
    write: part => { request.write(part) },
    async end (part) {
      const answered = once(request, 'response')
      request.end(part)
      const [response] = await answered as [IncomingMessage]
      return { status: response.statusCode!, challenge: response.headers['www-authenticate'] ?? '', body: await text(response) }
    }
  }
}

function overHttp2 (t: Test, port: number, headers: Record<string, string>): Sending {
  const session = connect(`http://127.0.0.1:${port}`)
  t.teardown(() => session.destroy())
  const stream = session.request({ ':method': 'PUT', ':path': '/', ...headers })
  return {
    write: part => { stream.write(part) },
    async end (part) {
      const answered = once(stream, 'response')
      stream.end(part)
      const [response] = await answered as [Record<string, unknown>]
      return { status: Number(response[':status']), challenge: String(response['www-authenticate'] ?? ''), body: await text(stream) }
    }
  }
}

/** Says a later time from now on, until the test ends. */
function later (t: Test, seconds: number): void {
  const { now } = Date
  t.teardown(() => { Date.now = now })
  Date.now = () => now() + seconds * 1000
}

const ENDS: Record<string, { readonly end: (held: Held, t: Test) => unknown, readonly description: RegExp }> = {
  'its client disabled': {
    end: async ({ store, refused }) => { await store.clients.disable(CLIENT); await refused() },
    description: /error="invalid_token", error_description="The access token was revoked\."/
  },
  'its token expired': { end: (_held, t) => { later(t, 400) }, description: /error="invalid_token", error_description="The access token expired\."/ }
}

for (const server of [{}, { http2: true }] as FastifyServerOptions[]) {
  const version = 'http2' in server ? 'HTTP/2' : 'HTTP/1.1'

  for (const [what, { end, description }] of Object.entries(ENDS)) {
    t.test(`${version}: a body that is held back, and meanwhile ${what} → 401, and the handler does not run`, async t => {
      const held = await holding(t, server)
      const { status, challenge, body } = await held.put(() => end(held, t))
      t.equal(status, 401)
      t.match(challenge, description)
      t.strictSame(JSON.parse(body).code, 'FST_KEYHOLE_TOKEN_INVALID')
      t.strictSame(held.written, [])
      const refusal = () => held.events.find(({ status, clientId }) => status === 401 && clientId !== undefined)
      await until(() => refusal() !== undefined)
      t.match(refusal(), { outcome: 'refused', clientId: CLIENT, tokenId: /./ }, 'the audit tells who tried')
    })
  }

  t.test(`${version}: a body that is held back, and nothing changes → written`, async t => {
    const { put, written } = await holding(t, server)
    t.match(await put(() => {}), { status: 200, body: JSON.stringify({ id, name, age }) })
    t.strictSame(written, [{ name: 'New' }])
  })

  t.test(`${version}: a body that is held back, and meanwhile another policy → that one says what is written and released`, async t => {
    const { put, policy, written, events } = await holding(t, server)
    const { version } = policy.replace(NARROW)
    policy.replace(POLICY)
    const narrowed = await put(() => { policy.replace(NARROW) })
    t.match(narrowed, { status: 200, body: JSON.stringify({ id, name }) })
    await until(() => events.length === 1)
    t.match(events, [{ policy: version, status: 200, withheld: ['age', 'address.street', 'address.city', 'banking.iban', 'banking.balance'] }])

    policy.replace(POLICY)
    const unwritable = await put(() => { policy.replace({ ...POLICY, scopes: { ...POLICY.scopes, 'profile:write': {} } }) })
    t.match(unwritable, { status: 403, challenge: /error="insufficient_scope"/ })

    policy.replace(POLICY)
    const { profile, ...scopes } = POLICY.scopes
    const unknown = await put(() => { policy.replace({ ...POLICY, scopes }) })
    t.match(unknown, { status: 403, challenge: 'Bearer error="insufficient_scope", scope="profile"' })
    t.equal(written.length, 1)
  })
}

t.test('a token that was revoked while its body was held back → an error handler that answers anyway answers without a token', async t => {
  const held = await holding(t, {}, api => {
    api.setErrorHandler((_error, _request, reply) => { reply.code(200).send(JANE) })
  })
  const { status, body } = await held.put(() => ENDS['its client disabled']!.end(held, t))
  t.equal(status, 500)
  t.notMatch(body, JANE.name)
  t.notMatch(body, SECRET)
})

t.test('bodies of which parsers make nothing, and none → refused, and let in', async t => {
  const waiting: (() => void)[] = []
  const held = await holding(t, {}, api => {
    api.addContentTypeParser('text/held', (_request, payload, done) => { payload.resume().on('end', () => { waiting.push(() => { done(null) }) }) })
    api.post('/', { schema: { response: { 200: Customer } } }, async () => JANE)
  })
  const post = async (more: InjectOptions = {}) => (await held.app.inject({ method: 'POST', url: '/', ...more, headers: { ...bearer(held.token), ...more.headers } })).statusCode
  const answer = post({ headers: { 'content-type': 'text/held' }, payload: '' })
  const proof = await (await dpopFor(held.app, { clientId: CLIENT, scope: SCOPE }))('POST', '/')
  const bound = post({ headers: { ...proof, 'content-type': 'text/held' }, payload: '' })
  await until(() => waiting.length === 2)
  t.equal(await post(), 200)
  await held.store.clients.disable(CLIENT)
  await held.refused()
  waiting.forEach(end => { end() })
  t.strictSame([await answer, await bound], [401, 401], 'of a bearer, and of one who has proven to be it')
})

for (const server of [{}, { http2: true }] as FastifyServerOptions[]) {
  const version = 'http2' in server ? 'HTTP/2' : 'HTTP/1.1'

  for (const [what, { end }] of Object.entries(ENDS)) {
    const isCut = what === 'its client disabled'

    t.test(`${version}: a stream, and between two records ${what} → ${isCut ? 'it is cut, without the second, and its source is closed' : 'it goes on'}`, async t => {
      let closed = false
      let between = () => {}
      const isBetween = new Promise<void>(resolve => { between = resolve })
      const goOn = new EventEmitter()
      const held: Held = await holding(t, server, api => {
        api.get('/', { schema: { response: { 200: Type.Array(Customer) } } }, async (request, reply) => reply.send(request.keyhole.stream((async function * () {
          try {
            yield JANE
            const resumed = once(goOn, 'now')
            between()
            await resumed
            yield { ...JANE, name: 'Second' }
            if (isCut) yield * feed()
          } finally {
            closed = true
          }
        })())))
      })
      const headers = { ...bearer(held.token), accept: 'application/x-ndjson' }
      const records = await got(t, held.app, headers, server)
      const first = await records.next()
      await isBetween
      await end(held, t)
      goOn.emit('now')
      const rest = await restOf(records)
      t.equal(String(first.value), `${JSON.stringify({ id, name, age })}\n`)
      t.strictSame(rest, isCut ? { text: '', isWhole: false } : { text: `${JSON.stringify({ id, name: 'Second', age })}\n`, isWhole: true })
      await until(() => closed && held.events.some(({ route }) => route === 'GET /'))
      t.match(held.events.find(({ route }) => route === 'GET /'), { status: 200, outcome: 'released', error: isCut ? 'FST_KEYHOLE_STREAM_FAILED' : undefined })
    })
  }
}

/** More than the buffers of a connection take. */
const HUGE = 'x'.repeat(32 * 1024 * 1024)

for (const server of [{}, { http2: true }] as FastifyServerOptions[]) {
  t.test(`${'http2' in server ? 'HTTP/2' : 'HTTP/1.1'}: a stream that its client does not read, and meanwhile its client disabled → it is cut all the same, and told`, async t => {
    let closed = false
    let isOver = false
    let response: FastifyReply['raw'] | undefined
    const held = await holding(t, server, api => {
      api.get('/', { schema: { response: { 200: Type.Array(Customer) } } }, async (request, reply) => {
        response = reply.raw.once('close', () => { isOver = true })
        return reply.send(request.keyhole.stream((function * () {
          try {
            yield { ...JANE, name: HUGE }
            yield JANE
          } finally {
            closed = true
          }
        })()))
      })
    })
    const records = await got(t, held.app, bearer(held.token), server)
    await until(() => response?.headersSent)
    await held.store.clients.disable(CLIENT)
    await until(() => isOver && closed && held.events.length === 1)
    t.match(held.events, [{ status: 200, outcome: 'released', error: 'FST_KEYHOLE_STREAM_FAILED' }])
    const { text, isWhole } = await restOf(records)
    t.notOk(isWhole)
    t.ok(text.length < HUGE.length, String(text.length))
  })
}

t.test('a stream behind an earlier answer on its connection, and meanwhile its client disabled → its source is closed, and none of it leaves', async t => {
  let closed = false
  let response: FastifyReply['raw'] | undefined
  let answer = () => {}
  const earlier = new Promise<void>(resolve => { answer = resolve })
  const held = await holding(t, {}, api => {
    api.get('/earlier', { schema: { response: { 200: Customer } } }, async () => { await earlier; return JANE })
    api.get('/', { schema: { response: { 200: Type.Array(Customer) } } }, async (request, reply) => {
      response = reply.raw
      return reply.send(request.keyhole.stream((async function * () { try { yield * feed() } finally { closed = true } })()))
    })
  })
  const headers = { ...bearer(held.token), connection: 'keep-alive' }
  const answers = rawRequest(held.app, requestBytes('GET /earlier', headers) + requestBytes('GET /', headers))
  await until(() => response?.headersSent)
  await held.store.clients.disable(CLIENT)
  await until(() => closed)
  answer()
  t.match(answersIn(await answers), [{ status: 200, body: JSON.stringify({ id, name, age }) }])
  await until(() => held.events.length === 2)
})

t.test('a stream whose token was revoked before its first record → 500, and the log says why', async t => {
  const lines: string[] = []
  const held: Held = await holding(t, { logger: { stream: { write: line => { lines.push(line) } } } }, api => {
    api.get('/', { schema: { response: { 200: Type.Array(Customer) } } }, async (request, reply) => reply.send(request.keyhole.stream((async function * () {
      await held.store.clients.disable(CLIENT)
      await held.refused()
      yield JANE
    })())))
  })
  const { statusCode, body } = await held.app.inject({ url: '/', headers: bearer(held.token) })
  t.equal(statusCode, 500)
  t.equal(JSON.parse(body).code, 'FST_KEYHOLE_STREAM_FAILED')
  t.match(lines.map(line => JSON.parse(line)).find(({ stream }) => stream !== undefined), { level: 30, route: 'GET /', stream: 'token', msg: /its token was revoked/ })
})

async function * feed (): AsyncGenerator<unknown> {
  for (;;) {
    await setImmediate()
    yield JANE
  }
}

/** The parts of the body of an answer. */
async function got (t: Test, app: FastifyInstance, headers: Record<string, string>, server: FastifyServerOptions): Promise<AsyncIterator<Buffer>> {
  const { port } = app.server.address() as { port: number }
  if ('http2' in server) {
    const session = connect(`http://127.0.0.1:${port}`)
    t.teardown(() => session.destroy())
    return session.request({ ':path': '/', ...headers }).on('error', () => {})[Symbol.asyncIterator]()
  }
  const [response] = await once(httpRequest({ port, host: '127.0.0.1', headers, agent: false }).end(), 'response') as [IncomingMessage]
  return response[Symbol.asyncIterator]()
}

async function restOf (parts: AsyncIterator<Buffer>): Promise<{ readonly text: string, readonly isWhole: boolean }> {
  let text = ''
  try {
    for await (const part of { [Symbol.asyncIterator]: () => parts }) text += String(part)
    return { text, isWhole: true }
  } catch {
    return { text, isWhole: false }
  }
}

t.test('whether a proof was used takes long to find out, and meanwhile its client is disabled → 401', async t => {
  const { app, store, refused } = await holding(t, {}, api => {
    api.get('/', { schema: { response: { 200: Customer } } }, async () => JANE)
  }, {
    use: async () => {
      await store.clients.disable(CLIENT)
      await refused()
      return true
    }
  })
  const headers = await (await dpopFor(app, { clientId: CLIENT, scope: SCOPE }))('GET', '/')
  const { statusCode, headers: { 'www-authenticate': challenge } } = await app.inject({ url: '/', headers })
  t.equal(statusCode, 401)
  t.match(challenge, /DPoP error="invalid_token", error_description="The access token was revoked\."/)
})
