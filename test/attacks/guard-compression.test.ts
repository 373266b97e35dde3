import { once } from 'node:events'
import { connect } from 'node:http2'
import { Readable } from 'node:stream'
import zlib, { brotliCompressSync, brotliDecompressSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import compress from '@fastify/compress'
import etag from '@fastify/etag'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import { answersIn, rawRequest, requestBytes } from '../plugins/raw-request.js'
import { ASKED, bearer, Customer, guardedApp, type GuardedApp, isRefusal, JANE, SECRET, tokenOf } from '../plugins/resource-guard-app.js'

/** Compressed answers: those that stand for what was released leave, and no others. */

const { zstdCompressSync, zstdDecompressSync } = zlib as { zstdCompressSync?: (bytes: Buffer | string) => Buffer, zstdDecompressSync?: (bytes: Buffer) => Buffer }

const DECODE: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gunzipSync, deflate: inflateSync, br: brotliDecompressSync, ...(zstdDecompressSync !== undefined && { zstd: zstdDecompressSync })
}

const ENCODE: Record<string, (bytes: Buffer | string) => Buffer> = {
  gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, ...(zstdCompressSync !== undefined && { zstd: zstdCompressSync })
}

const OF_PROFILE = JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age })
const TEXT = JSON.stringify(JANE)
const List = Type.Array(Customer)
/** As long as 1 MB, and more than the plugin compresses in one go. */
const MANY = Array.from({ length: 5000 }, (_, index) => ({ ...JANE, id: `c${index}`, name: Math.sin(index).toString(36) }))
const MANY_OF_PROFILE = JSON.stringify(MANY.map(({ id, name, age }) => ({ id, name, age })))

type Register = (app: FastifyInstance) => unknown

/** What the plugin does by itself, and where it stands. */
const PLACES: Record<string, { readonly before?: Register, readonly context?: Register }> = {
  'above the guard': { before: async app => { await app.register(compress, { threshold: 0 }) } },
  'behind the guard': { context: async api => { await api.register(compress, { threshold: 0 }) } },
  'by streams': { context: async api => { await api.register(compress, { threshold: 0, syncThreshold: 0 }) } }
}

async function compressing (t: Test, { before, context }: { readonly before?: Register, readonly context?: Register }, routes: Register = () => {}, server = {}): Promise<GuardedApp> {
  return guardedApp(t, async api => {
    await context?.(api)
    api.get('/customer', { schema: { response: { 200: Customer } } }, async () => JANE)
    api.get('/customers', { schema: { response: { 200: List } } }, async () => MANY)
    api.get('/blocked', { schema: { response: { 200: Customer } } }, async () => TEXT)
    api.get('/streamed', { schema: { response: { 200: Customer } } }, async () => Readable.from([TEXT]))
    api.get('/conflict', { schema: { response: { 200: Customer } } }, async () => { throw Object.assign(new Error('This name is taken.'), { statusCode: 409, expose: true, iban: SECRET }) })
    api.get('/fails', { schema: { response: { 200: Customer } } }, async () => { throw new Error(SECRET) })
    await routes(api)
  }, { server, ...(before !== undefined && { before }) })
}

for (const [where, place] of Object.entries(PLACES)) {
  for (const [coding, decode] of Object.entries(DECODE)) {
    t.test(`@fastify/compress ${where}, ${coding} → the view, compressed`, async t => {
      const { app, get, log } = await compressing(t, place)
      const headers = { 'accept-encoding': coding }
      for (const [url, body] of [['/customer', OF_PROFILE], ['/customers', MANY_OF_PROFILE]] as const) {
        const { statusCode, headers: answered, rawPayload } = await get(url, 'profile', { headers })
        t.equal(statusCode, 200, url)
        t.match(answered, { 'content-encoding': coding, vary: /accept-encoding/, 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8' }, url)
        t.equal(decode(rawPayload).toString(), body, url)
        t.equal(answered['content-length'] ?? String(rawPayload.length), String(rawPayload.length), url)
        const whole = await app.inject({ method: 'HEAD', url, headers: { ...headers, ...bearer(tokenOf('profile')) } })
        t.equal(whole.statusCode, 200, url)
        t.equal(whole.payload, '', url)
      }
      for (const url of ['/blocked', '/streamed']) {
        const { statusCode, headers: answered, payload } = await get(url, 'profile', { headers })
        t.equal(statusCode, 500, url)
        t.equal(answered['content-encoding'], undefined, url)
        t.equal(JSON.parse(payload).code, 'FST_KEYHOLE_PAYLOAD_BLOCKED', url)
      }
      t.strictSame(log.lines().filter(({ blocked }) => blocked !== undefined).map(({ blocked, route, payload }) => [blocked, route, payload]),
        [['body', 'GET /blocked', 'CompressedBody'], ['body', 'GET /streamed', 'CompressedBody']])
      t.notMatch(log.text(), SECRET)
    })

    t.test(`@fastify/compress ${where}, ${coding}: errors → closed, with their status and headers`, async t => {
      const { get } = await compressing(t, place)
      const read = (rawPayload: Buffer, encoding: unknown) => JSON.parse((encoding === undefined ? rawPayload : decode(rawPayload)).toString())
      for (const [url, scope, status, body] of [
        ['/customer', null, 401, { code: 'FST_KEYHOLE_TOKEN_MISSING' }],
        ['/conflict', 'profile', 409, { statusCode: 409, error: 'Conflict', message: 'This name is taken.' }],
        ['/fails', 'profile', 500, { statusCode: 500, error: 'Internal Server Error', message: 'Internal Server Error' }],
        ['/nowhere', 'profile', 404, { statusCode: 404, error: 'Not Found' }]
      ] as const) {
        const { statusCode, headers, rawPayload } = await get(url, scope, { headers: { 'accept-encoding': coding } })
        t.equal(statusCode, status, url)
        t.match(read(rawPayload, headers['content-encoding']), body, url)
        if (status === 401) t.match(headers['www-authenticate'], ASKED)
      }
    })
  }

  t.test(`@fastify/compress ${where}, HTTP/2 → the view, compressed`, async t => {
    const { app } = await compressing(t, place, () => {}, { http2: true })
    await app.listen({ port: 0, host: '127.0.0.1' })
    const session = connect(`http://127.0.0.1:${(app.server.address() as { port: number }).port}`)
    t.teardown(() => session.close())
    for (const [coding, decode] of Object.entries(DECODE)) {
      for (const [path, body] of [['/customer', OF_PROFILE], ['/customers', MANY_OF_PROFILE], ['/blocked', undefined], ['/streamed', undefined], ['/customer', OF_PROFILE]] as const) {
        const stream = session.request({ ':path': path, 'accept-encoding': coding, ...bearer(tokenOf('profile')) })
        const chunks: Buffer[] = []
        stream.on('data', chunk => { chunks.push(chunk) })
        const [answered] = await once(stream, 'response')
        await once(stream, 'close')
        t.equal(answered[':status'], body === undefined ? 500 : 200, path)
        t.equal(answered['content-encoding'], body === undefined ? undefined : coding, path)
        if (body !== undefined) t.equal(decode(Buffer.concat(chunks)).toString(), body, path)
      }
    }
  })

  t.test(`@fastify/compress ${where}, and @fastify/etag before or after → a tag of the released bytes, and 304`, async t => {
    for (const order of ['etag first', 'compress first']) {
      const { get } = await compressing(t, {
        ...(place.before !== undefined && { before: async app => { for (const register of order === 'etag first' ? [() => app.register(etag), () => place.before!(app)] : [() => place.before!(app), () => app.register(etag)]) await register() } }),
        ...(place.context !== undefined && { context: async api => { for (const register of order === 'etag first' ? [() => api.register(etag), () => place.context!(api)] : [() => place.context!(api), () => api.register(etag)]) await register() } })
      })
      const headers = { 'accept-encoding': 'gzip' }
      const first = await get('/customer', 'profile', { headers })
      t.equal(gunzipSync(first.rawPayload).toString(), OF_PROFILE, order)
      if (first.headers.etag === undefined) continue
      const again = await get('/customer', 'profile', { headers: { ...headers, 'if-none-match': first.headers.etag } })
      t.equal(again.statusCode, 304, order)
      t.equal(again.payload, '', order)
      t.not((await get('/customer', 'profile banking', { headers })).headers.etag, first.headers.etag, order)
    }
  })
}

t.test('keep-alive: compressed, blocked, compressed, plain on one connection → each right', async t => {
  const { app } = await compressing(t, PLACES['behind the guard']!)
  await app.listen({ port: 0, host: '127.0.0.1' })
  const mine = { ...bearer(tokenOf('profile')), 'accept-encoding': 'gzip' }
  const raw = await rawRequest(app, ['/customer', '/blocked', '/streamed', '/customer'].map(path => requestBytes(`GET ${path}`, { ...mine, connection: 'keep-alive' })).join('') +
    requestBytes('GET /customer', bearer(tokenOf('profile'))))
  const answers = answersIn(raw)
  t.strictSame(answers.map(({ status }) => status), [200, 500, 500, 200, 200])
  for (const at of [0, 3]) t.equal(gunzipSync(Buffer.from(answers[at]!.body, 'latin1')).toString(), OF_PROFILE)
  t.equal(answers[4]!.body, OF_PROFILE)
  t.notMatch(raw, SECRET)
})

t.test('reply.compress → a plain value is released and compressed, text and streams are held back', async t => {
  const sends: Record<string, readonly [(reply: FastifyReply) => unknown, number]> = {
    value: [reply => reply.compress(JANE as never), 200],
    text: [reply => reply.compress(TEXT), 500],
    bytes: [reply => reply.compress(Buffer.from(TEXT)), 500],
    stream: [reply => reply.compress(Readable.from([TEXT])), 500]
  }
  for (const place of Object.values(PLACES)) {
    const { get } = await compressing(t, place, api => {
      for (const [name, [send]] of Object.entries(sends)) {
        api.get(`/${name}`, { schema: { response: { 200: Customer } } }, (_request, reply) => { send(reply) })
      }
    })
    for (const [name, [, status]] of Object.entries(sends)) {
      const { statusCode, rawPayload } = await get(`/${name}`, 'profile', { headers: { 'accept-encoding': 'br' } })
      t.equal(statusCode, status, name)
      if (status === 200) t.equal(brotliDecompressSync(rawPayload).toString(), OF_PROFILE)
      else t.match(JSON.parse(rawPayload.toString()), { code: 'FST_KEYHOLE_PAYLOAD_BLOCKED' }, name)
    }
  }
})

t.test('D61 the length of a compressed answer → the same where only withheld data differs, also beside what the client chose', async t => {
  let row: unknown = JANE
  const { get } = await guardedApp(t, async api => {
    await api.register(compress, { threshold: 0 })
    const Search = Type.Object({ q: claimSet(ANY_TOKEN, Type.String()), found: Customer })
    api.get('/search', { schema: { querystring: Type.Object({ q: claimSet(ANY_TOKEN, Type.String()) }), response: { 200: Search } } },
      async request => ({ q: (request.query as { q: string }).q, found: row }))
  })
  for (const coding of Object.keys(DECODE)) {
    for (const guess of [SECRET, 'DE00000000000000000000']) {
      const lengths = new Set<number>()
      for (const iban of [SECRET, 'x', guess.repeat(100)]) {
        row = { ...JANE, banking: { iban, balance: iban.length } }
        lengths.add((await get(`/search?q=${guess}`, 'profile', { headers: { 'accept-encoding': coding } })).rawPayload.length)
      }
      t.equal(lengths.size, 1, `${coding} ${guess}`)
    }
  }
})

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

/** Bytes that somebody else has compressed, or says so. */
const ATTEMPTS: Record<string, (released: string) => readonly [coding: string, body: Buffer | string | Readable]> = {
  'another text': () => ['gzip', gzipSync(TEXT)],
  'another text of the same length': released => ['gzip', gzipSync(released.replace('Jane Doe', SECRET.slice(0, 8)))],
  'the released text and more': released => ['gzip', gzipSync(released + SECRET)],
  'the released text twice': released => ['br', brotliCompressSync(released + released)],
  'a part of the released text': released => ['gzip', gzipSync(released.slice(0, -1))],
  'a second member': released => ['gzip', Buffer.concat([gzipSync(released), gzipSync(SECRET)])],
  'text behind it': released => ['gzip', Buffer.concat([gzipSync(released), Buffer.from(SECRET)])],
  'text behind it, deflated': released => ['deflate', Buffer.concat([deflateSync(released), Buffer.from(SECRET)])],
  'text behind it, brotli': released => ['br', Buffer.concat([brotliCompressSync(released), Buffer.from(SECRET)])],
  'the name of a file': released => {
    const member = gzipSync(released)
    member[3] = 8
    return ['gzip', Buffer.concat([member.subarray(0, 10), Buffer.from(`${SECRET}\0`), member.subarray(10)])]
  },
  'another coding than it says': released => ['gzip', brotliCompressSync(released)],
  'a coding that nobody knows': released => ['secret', gzipSync(released)],
  'two codings': released => ['gzip, gzip', gzipSync(gzipSync(released))],
  'text that says it is compressed': () => ['gzip', TEXT],
  'bytes that say they are compressed': () => ['br', Buffer.from(TEXT)],
  'a stream that says it is compressed': () => ['gzip', Readable.from([TEXT.slice(30, 60), TEXT.slice(60)])],
  'bytes after the end of a long text': released => ['gzip', Readable.from([gzipSync(released), SECRET.repeat(1000)])],
  'a body that never ends to decode': () => ['gzip', gzipSync(Buffer.alloc(20_000_000))],
  'a body that is long': () => ['gzip', Buffer.alloc(100_000)],
  nothing: () => ['gzip', gzipSync('')]
}

for (const [what, encode] of Object.entries(ATTEMPTS)) {
  t.test(`compressed by the route: ${what} → 500, and nothing of it`, async t => {
    const sendings: Record<string, Handler> = {
      sent: (_request, reply) => {
        const [coding, body] = encode(reply.serialize(JANE) as string)
        reply.type('application/json').header('content-encoding', coding).send(body)
      },
      written: async (_request, reply) => {
        const [coding, body] = encode(reply.serialize(JANE) as string)
        const { raw } = reply.hijack()
        raw.writeHead(200, { 'Content-Encoding': coding })
        if (body instanceof Readable) body.pipe(raw)
        else for (let at = 0; at < body.length; at += 1000) raw.write(body.slice(at, at + 1000), () => { if (at + 1000 >= body.length) raw.end() })
        if (!(body instanceof Readable)) raw.end()
      }
    }
    for (const [how, handler] of Object.entries(sendings)) {
      const { get, log } = await guardedApp(t, api => { api.get('/', { schema: { response: { 200: Customer } } }, handler as never) })
      const { statusCode, headers, rawPayload } = await get('/', 'profile')
      t.equal(statusCode, 500, how)
      t.equal(headers['content-encoding'], undefined, how)
      t.equal(JSON.parse(rawPayload.toString()).code, 'FST_KEYHOLE_PAYLOAD_BLOCKED', how)
      t.notMatch(log.text(), SECRET, how)
    }
  })
}

for (const [coding, encode] of Object.entries(ENCODE)) {
  t.test(`compressed by the route, ${coding}: all of the released text → as it is`, async t => {
    const sendings: Record<string, (reply: FastifyReply, body: Buffer) => unknown> = {
      sent: (reply, body) => reply.type('application/json').header('content-encoding', coding).send(body),
      'sent in parts': (reply, body) => reply.type('application/json').header('content-encoding', coding).send(Readable.from([body.subarray(0, 3), body.subarray(3)])),
      written: (reply, body) => {
        const { raw } = reply.hijack()
        raw.writeHead(200, { 'Content-Encoding': coding, 'Content-Length': body.length })
        raw.write(body.subarray(0, 9), () => raw.end(body.subarray(9)))
      }
    }
    for (const [how, send] of Object.entries(sendings)) {
      const { get } = await guardedApp(t, api => { api.get('/', { schema: { response: { 200: Customer } } }, (_request, reply) => { send(reply, encode(reply.serialize(JANE) as string)) }) })
      const { statusCode, headers, rawPayload } = await get('/', 'profile')
      t.equal(statusCode, 200, how)
      t.match(headers, { 'content-encoding': coding, 'cache-control': 'no-store' }, how)
      t.equal(DECODE[coding]!(rawPayload).toString(), OF_PROFILE, how)
    }
  })
}

t.test('an error in the middle of compressing → closed, and nothing of what was held', async t => {
  const { get } = await guardedApp(t, api => {
    api.get('/', { schema: { response: { 200: Customer } } }, async (_request, reply) => {
      reply.serialize(JANE)
      const body = new Readable({ read () {} })
      body.push(gzipSync(TEXT))
      setImmediate(() => body.destroy(Object.assign(new Error(SECRET), { statusCode: 409 })))
      return reply.header('content-encoding', 'gzip').send(body)
    })
  })
  isClosed(t, await get('/', 'profile'))
})

function isClosed (t: Test, { statusCode, rawPayload }: { statusCode: number, rawPayload: Buffer }) {
  t.equal(statusCode, 409)
  t.strictSame(JSON.parse(rawPayload.toString()), { statusCode: 409, error: 'Conflict', message: 'Conflict' })
}

t.test('a refusal where everything is compressed by hand → 401 as ever', async t => {
  const { get } = await guardedApp(t, api => {
    api.addHook('onSend', async (_request, reply, payload) => {
      if (typeof payload !== 'string' && !Buffer.isBuffer(payload)) return payload
      reply.header('content-encoding', 'gzip').removeHeader('content-length')
      return gzipSync(payload)
    })
    api.get('/', { schema: { response: { 200: Customer } } }, async () => JANE)
  })
  const refused = await get('/', null)
  isRefusal(t, { ...refused, payload: gunzipSync(refused.rawPayload).toString() } as typeof refused, 401, ASKED)
  t.equal(gunzipSync((await get('/', 'profile')).rawPayload).toString(), OF_PROFILE)
})
