import { once } from 'node:events'
import { setImmediate } from 'node:timers/promises'
import { fastifySSE as sse } from '@fastify/sse'
import websocket from '@fastify/websocket'
import type { FastifyInstance, FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import { answersIn, rawRequest, requestBytes } from './raw-request.js'
import { ALL, bearer, bootFaults, Customer, guardedApp, JANE, SECRET, tokenOf } from './resource-guard-app.js'

/** D16: websockets and server-sent events leave only raw and public routes, and these are told at boot. */

const RAW = { keyhole: { release: { raw: 'events' }, scope: 'banking' } }
const PUBLIC = { keyhole: { public: true } }
const CUSTOMER = { schema: { response: { 200: Customer } } }
const OF_PROFILE = JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age })
const UPGRADE = { connection: 'upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }

type Register = (app: FastifyInstance) => unknown

interface Peer { send (text: string): void, close (): void, on (event: string, listener: (text: Buffer) => void): void }

const tells = (socket: Peer) => { socket.send(SECRET); socket.close() }

/** What comes over a websocket until it closes. */
async function conversation (app: FastifyInstance, path: string, headers = {}, text?: string): Promise<string[]> {
  const heard: string[] = []
  const socket = await app.injectWS(path, { headers } as never, { onInit: socket => { (socket as Peer).on('message', text => { heard.push(String(text)) }) } })
  if (text !== undefined) socket.send(text)
  await once(socket as never, 'close')
  return heard
}

const WITH_WEBSOCKETS = { before: async (app: FastifyInstance) => { await app.register(websocket, { options: { closeTimeout: 100 } }) } }

t.test('D16 @fastify/websocket: a guarded route with websocket or wsHandler → no boot, by name', async t => {
  t.strictSame(await bootFaults(t, api => {
    api.get('/ws', { websocket: true }, tells)
    api.route({ method: 'GET', url: '/handler', ...CUSTOMER, handler: async () => JANE, wsHandler: tells })
    api.get('/raw', { websocket: true, config: RAW }, tells)
    api.get('/open', { websocket: true, config: PUBLIC }, tells)
    api.get('/not', { websocket: false, ...CUSTOMER }, async () => JANE)
  }, WITH_WEBSOCKETS), [
    "GET /ws, websocket: what leaves by it is not released by fields. Opt out with config.keyhole.release: { raw: 'the reason why' }, or take websocket out.",
    "GET /handler, wsHandler: what leaves by it is not released by fields. Opt out with config.keyhole.release: { raw: 'the reason why' }, or take wsHandler out."
  ])
})

t.test('@fastify/websocket behind the guard, where it would leave what the guard refuses connected → no boot', async t => {
  const behind = '@fastify/websocket was registered behind the guard, where connections that the guard refuses would stay open. Register it before the guard.'
  t.strictSame(await bootFaults(t, async api => {
    await api.register(websocket)
    api.get('/raw', { websocket: true, config: RAW }, tells)
  }), [`GET /raw: ${behind}`])
  t.strictSame(await bootFaults(t, api => {
    api.register(async nested => {
      await nested.register(websocket)
      nested.get('/customer', CUSTOMER, async () => JANE)
    })
  }), [`GET /customer: ${behind}`])
})

t.test('D16 @fastify/websocket: raw and public routes → open after the token, or without one; others stay closed', async t => {
  const { app, log } = await guardedApp(t, api => {
    api.get('/raw', { websocket: true, config: RAW }, (socket: Peer) => {
      socket.on('message', text => {
        socket.send(`${SECRET} ${String(text)}`)
        socket.close()
      })
    })
    api.get('/open', { websocket: true, config: PUBLIC }, tells)
    api.get('/customer', CUSTOMER, async () => JANE)
  }, WITH_WEBSOCKETS)
  await app.listen({ port: 0, host: '127.0.0.1' })

  for (const [path, headers, status] of [['/raw', {}, 401], ['/raw', bearer(tokenOf('profile')), 403], ['/customer', {}, 401]] as const) {
    const raw = await rawRequest(app, requestBytes(`GET ${path}`, { ...headers, ...UPGRADE }))
    t.match(raw, `HTTP/1.1 ${status} `, path)
    t.match(raw, /www-authenticate: Bearer/i, path)
    t.notMatch(raw, SECRET, path)
  }
  t.strictSame(await conversation(app, '/raw', bearer(tokenOf('banking')), 'hello'), [`${SECRET} hello`])
  t.strictSame(await conversation(app, '/open'), [SECRET])
  t.strictSame(await conversation(app, '/customer', bearer(tokenOf(ALL))), [], 'the plugin takes the upgrade before it looks for a handler, and closes')
  t.equal(answersIn(await rawRequest(app, requestBytes('GET /customer', bearer(tokenOf('profile')))))[0]!.body, OF_PROFILE)
  t.notMatch(log.text(), SECRET)
})

/** Where a plugin is registered. */
const PLACES: Record<string, (register: Register) => { readonly before?: Register, readonly context?: Register }> = {
  'above the guard': before => ({ before }),
  'behind the guard': context => ({ context })
}

for (const [where, place] of Object.entries(PLACES)) {
  const { before, context } = place(async app => { await app.register(sse) })
  const setting = before === undefined ? {} : { before }
  const events = async (_request: unknown, reply: FastifyReply) => { await reply.sse.send({ data: JANE }) }

  t.test(`D16 @fastify/sse ${where}: a guarded route with sse → no boot, by name`, async t => {
    t.strictSame(await bootFaults(t, async api => {
      await context?.(api)
      for (const kind of [true, 'only', 'dual', 'manual'] as const) api.get(`/${kind}`, { sse: kind }, events)
      api.get('/raw', { sse: true, config: RAW }, events)
      api.get('/open', { sse: true, config: PUBLIC }, events)
    }, setting), [true, 'only', 'dual', 'manual'].map(kind =>
      `GET /${kind}, sse: what leaves by it is not released by fields. Opt out with config.keyhole.release: { raw: 'the reason why' }, or take sse out.`))
  })

  t.test(`D16 @fastify/sse ${where}: raw and public routes → events after the token, or without one`, async t => {
    const { get } = await guardedApp(t, async api => {
      await context?.(api)
      api.get('/raw', { sse: 'only', config: RAW }, events)
      api.get('/open', { sse: 'only', config: PUBLIC }, events)
    }, setting)
    t.equal((await get('/raw', null)).statusCode, 401)
    t.equal((await get('/raw', 'profile')).statusCode, 403)
    for (const [url, scope] of [['/raw', 'banking'], ['/open', null]] as const) {
      const { headers, payload } = await get(url, scope)
      t.match(headers['content-type'], 'text/event-stream')
      t.equal(payload, `data: ${JSON.stringify(JANE)}\n\n`)
    }
  })
}

/** Ways to stream without a plugin. */
const STREAMS: Record<string, (reply: FastifyReply) => unknown> = {
  'events written to the response': reply => {
    const raw = reply.hijack().raw.writeHead(200, { 'Content-Type': 'text/event-stream' })
    raw.write(`data: ${SECRET}\n\n`)
  },
  'events after the headers were flushed': async reply => {
    const raw = reply.hijack().raw.writeHead(200, { 'Content-Type': 'text/event-stream' })
    raw.flushHeaders()
    await setImmediate()
    raw.write(`data: ${SECRET}\n\n`)
    raw.write(`data: ${SECRET}\n\n`)
  },
  'lines of JSON': reply => { for (const line of [JANE, JANE]) reply.hijack().raw.write(`${JSON.stringify(line)}\n`) },
  'a comment first': reply => {
    reply.hijack().raw.write(':\n\n')
    reply.raw.write(`data: ${SECRET}\n\n`)
  }
}

for (const [what, stream] of Object.entries(STREAMS)) {
  t.test(`D16 ${what} → 500 on a guarded route, as they are on a raw one`, async t => {
    const { app } = await guardedApp(t, api => {
      api.get('/guarded', CUSTOMER, async (_request, reply) => { await stream(reply); reply.raw.end() })
      api.get('/raw', { ...CUSTOMER, config: RAW }, async (_request, reply) => { await stream(reply); reply.raw.end() })
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const get = (path: string) => rawRequest(app, requestBytes(`GET ${path}`, bearer(tokenOf(ALL))))
    const guarded = answersIn(await get('/guarded'))
    t.strictSame(guarded.map(({ status }) => status), [500])
    t.notMatch(guarded[0]!.body, SECRET)
    t.match(answersIn(await get('/raw')), [{ status: 200, body: SECRET }])
  })
}

t.test('D16 other formats: CSV, XML, MessagePack, protobuf, NDJSON by a serializer of the route → 500 unless raw', async t => {
  await t.test('as text or bytes', t => formats(t, (type, reply) => reply.type(type).send(type.includes('/x-') ? Buffer.from(SECRET) : SECRET)))
  await t.test('as a value, by reply.serializer', t => formats(t, (type, reply) => reply.type(type).serializer(() => SECRET).send(JANE)))
  await t.test('as a value', t => formats(t, (type, reply) => reply.type(type).send([JANE]), /JANE|Jane/))
})

async function formats (t: Test, send: (type: string, reply: FastifyReply) => unknown, raw: RegExp | string = SECRET): Promise<void> {
  for (const type of ['text/csv', 'application/xml', 'application/x-msgpack', 'application/x-protobuf', 'application/x-ndjson']) {
    const { get } = await guardedApp(t, api => {
      api.get('/guarded', CUSTOMER, (_request, reply) => { send(type, reply) })
      api.get('/raw', { config: RAW }, (_request, reply) => { send(type, reply) })
    })
    const { statusCode, payload } = await get('/guarded', ALL)
    t.equal(statusCode, 500, type)
    t.notMatch(payload, SECRET, type)
    const sent = await get('/raw', 'banking')
    if (sent.statusCode === 200) t.match(sent.payload, raw, type)
    else t.equal(sent.json().code, 'FST_ERR_REP_INVALID_PAYLOAD_TYPE', `${type}: Fastify sends no such value`)
  }
}
