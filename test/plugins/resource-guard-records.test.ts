import { EventEmitter, once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { connect, type ClientHttp2Stream } from 'node:http2'
import { createConnection } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { setImmediate } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import t, { type Test } from 'tap'
import type { GuardedRequestEvent } from '../../lib/audit/event.js'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import type { Records } from '../../lib/gate/record-source.js'
import { rawRequest, requestBytes } from './raw-request.js'
import { bearer, Customer, guardedApp, JANE, SECRET, tokenOf, type GuardedApp } from './resource-guard-app.js'

/** request.keyhole.stream: records that leave one by one. */

const SCHEMA = { response: { 200: Type.Array(Customer) } }
const OF_PROFILE = JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age })
const NDJSON = 'application/x-ndjson'

const NOTHING = null

type Source = (request: FastifyRequest, reply: FastifyReply) => Records

function streaming (source: Source, options: object = { schema: SCHEMA }) {
  return (api: FastifyInstance) => { api.get('/', options, async (request, reply) => reply.send(request.keyhole.stream(source(request, reply)))) }
}

async function * customers (count: number, then?: () => unknown): AsyncGenerator<unknown> {
  for (let number = 0; number < count; number++) yield JANE
  const last = then?.()
  if (last !== undefined) yield last
}

async function listening (t: Test, source: Source, server = {}): Promise<GuardedApp & { readonly port: number }> {
  const guarded = await guardedApp(t, streaming(source), { server })
  await guarded.app.listen({ port: 0, host: '127.0.0.1' })
  return { ...guarded, port: (guarded.app.server.address() as { port: number }).port }
}

const HEADERS = bearer(tokenOf('profile'))

async function asked (port: number, headers = {}): Promise<IncomingMessage> {
  const request = httpRequest({ port, host: '127.0.0.1', headers: { ...HEADERS, ...headers }, agent: false }).end()
  const [response] = await once(request, 'response') as [IncomingMessage]
  return response
}

function askedOverHttp2 (t: Test, port: number): ClientHttp2Stream {
  const session = connect(`http://127.0.0.1:${port}`)
  t.teardown(() => session.destroy())
  return session.request({ ':path': '/', ...HEADERS })
}

async function logged ({ log }: GuardedApp, words: RegExp): Promise<Record<string, unknown>> {
  for (;;) {
    const line = log.lines().find(({ msg }) => words.test(String(msg)))
    if (line !== undefined) return line
    await setImmediate()
  }
}

t.test('Accept → a JSON array, or NDJSON where the client would rather have it', async t => {
  const { get } = await guardedApp(t, streaming(() => customers(2)))
  for (const accept of ['', '*/*', 'application/json', 'text/csv', `${NDJSON};q=0.4, application/json;q=0.5`, `${NDJSON};q=0, */*`, 'nonsense']) {
    const { headers, payload } = await get('/', 'profile', accept === '' ? {} : { headers: { accept } })
    t.match(headers, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', vary: 'Accept' }, accept)
    t.equal(payload, `[${OF_PROFILE},${OF_PROFILE}]`, accept)
    t.notOk('content-length' in headers, accept)
  }
  for (const accept of [NDJSON, `application/json;q=0.4, ${NDJSON}`, `${NDJSON}, */*;q=0.1`, 'application/json;q=0, */*']) {
    const { headers, payload } = await get('/', 'profile', { headers: { accept } })
    t.equal(headers['content-type'], `${NDJSON}; charset=utf-8`, accept)
    t.equal(payload, `${OF_PROFILE}\n${OF_PROFILE}\n`, accept)
  }
})

t.test('a content type that the handler has set → its format, whatever Accept says', async t => {
  for (const [type, payload, accept] of [[NDJSON, `${OF_PROFILE}\n`, '*/*'], ['application/vnd.api+json', `[${OF_PROFILE}]`, NDJSON]] as const) {
    const { get } = await guardedApp(t, streaming((_request, reply) => { reply.type(type); return [JANE] }))
    const response = await get('/', 'profile', { headers: { accept } })
    t.equal(response.payload, payload, type)
    t.match(response.headers['content-type'], type)
    t.notOk('vary' in response.headers, type)
  }
  const { get, log } = await guardedApp(t, streaming((_request, reply) => { reply.type('text/csv'); return [JANE] }))
  t.equal((await get('/', 'profile')).statusCode, 500)
  t.match(log.lines().find(({ blocked }) => blocked === 'body'), { payload: 'Opaque' })
})

t.test('a response schema by media type → that of the format, else that of application/json', async t => {
  const Item = Type.Object({ id: claimSet(ANY_TOKEN, Type.String()) })
  const content = { 'application/json': { schema: Type.Array(Customer) } }
  for (const [more, ofNdjson] of [[{}, OF_PROFILE], [{ [NDJSON]: { schema: Type.Array(Item) } }, '{"id":"c1"}']] as const) {
    const { get } = await guardedApp(t, streaming(() => [JANE], { schema: { response: { 200: { content: { ...content, ...more } } } } }))
    t.equal((await get('/', 'profile')).payload, `[${OF_PROFILE}]`)
    t.equal((await get('/', 'profile', { headers: { accept: NDJSON } })).payload, `${ofNdjson}\n`)
  }
})

t.test('D49 what a token sees → each record by itself; where it sees nothing of any, an empty list, and the source is not read', async t => {
  const Secret = Type.Object({ iban: claimSet('banking_claims', Type.String()) })
  let read = 0
  let returned = 0
  const records = () => ({
    [Symbol.iterator] () { return this },
    next: () => ({ done: read++ > 1, value: { iban: SECRET } }),
    return: () => { returned++; return { done: true, value: undefined } }
  }) as unknown as Iterable<unknown>
  const { get } = await guardedApp(t, streaming(records, { schema: { response: { 200: Type.Array(Secret) } } }))
  t.equal((await get('/', 'profile')).payload, '[]')
  t.equal((await get('/', 'profile', { headers: { accept: NDJSON } })).payload, '')
  t.equal(read, 0)
  t.equal(returned, 2)
  t.equal((await get('/', 'banking')).payload, `[{"iban":"${SECRET}"},{"iban":"${SECRET}"}]`)
  const all = await guardedApp(t, streaming(() => [JANE]))
  t.equal((await all.get('/', 'address')).payload, JSON.stringify([{ id: JANE.id, address: JANE.address }]))
  t.equal((await all.get('/', null)).statusCode, 401)
})

t.test('sources: lists, generators, promises in a list, Node streams; none → an empty list', async t => {
  const sources: Record<string, () => Records> = {
    list: () => [JANE, JANE],
    set: () => new Set([JANE, { ...JANE }]),
    generator: () => (function * () { yield JANE; yield JANE })(),
    'async generator': () => customers(2),
    promises: () => [Promise.resolve(JANE), JANE],
    Readable: () => Readable.from([JANE, JANE])
  }
  for (const [what, source] of Object.entries(sources)) {
    const { get } = await guardedApp(t, streaming(source))
    t.equal((await get('/', 'profile')).payload, `[${OF_PROFILE},${OF_PROFILE}]`, what)
  }
  const { get } = await guardedApp(t, streaming(() => []))
  t.equal((await get('/', 'profile')).payload, '[]')
  t.equal((await get('/', 'profile', { headers: { accept: NDJSON } })).payload, '')
})

t.test('HEAD → the head without a length, and the source is closed unread', async t => {
  for (const method of ['HEAD', 'GET'] as const) {
    let read = 0
    let returned = 0
    const records = { [Symbol.asyncIterator] () { return this }, next: async () => { read++; return { done: true, value: undefined } }, return: async () => { returned++ } } as unknown as AsyncIterable<unknown>
    const { get } = await guardedApp(t, api => {
      api.route({ method, url: '/', schema: SCHEMA, handler: async (request, reply) => reply.send(request.keyhole.stream(records)) })
    })
    const { statusCode, headers, payload } = await get('/', 'profile', { method: 'HEAD' })
    t.equal(statusCode, 200)
    t.equal(payload, '')
    t.equal(headers['content-type'], 'application/json; charset=utf-8')
    t.notOk('content-length' in headers)
    t.equal(read, 0, method)
    t.equal(returned, 1, method)
  }
})

t.test('what cannot be streamed → 500, and the log says what to do', async t => {
  const cases: [Source, object, RegExp][] = [
    [() => 'text' as never, { schema: SCHEMA }, /takes an iterable/],
    [() => null as never, { schema: SCHEMA }, /takes an iterable/],
    [() => ({}) as never, { schema: SCHEMA }, /takes an iterable/],
    [() => [JANE], { schema: { response: { 200: Customer } } }, /Write Type\.Array\(Item\) for status 200/],
    [() => [JANE], { schema: { response: { 200: Type.Union([Type.Array(Customer), Type.Null()]) } } }, /Write Type\.Array\(Item\) for status 200/],
    [() => [JANE], { schema: { response: { 200: claimSet('profile_claims', Type.Tuple([Type.String()])) } } }, /Write Type\.Array\(Item\) for status 200/],
    [() => [JANE], { schema: { response: { 200: { type: ['array', 'null'], items: Customer } } } }, /Write Type\.Array\(Item\) for status 200/],
    [() => [JANE], { schema: SCHEMA, config: { keyhole: { release: { raw: 'why' } } } }, /GET \/: a raw route streams by itself/],
    [(_request, reply) => { reply.code(201); return [JANE] }, { schema: SCHEMA }, /withheld/]
  ]
  for (const [source, options, words] of cases) {
    const { get, log } = await guardedApp(t, streaming(source, options))
    const { statusCode, payload } = await get('/', 'profile')
    t.equal(statusCode, 500)
    t.notMatch(payload, SECRET)
    t.match(log.text(), words)
  }
})

t.test('a list that is referred to → its records leave', async t => {
  const { get } = await guardedApp(t, api => {
    api.addSchema({ $id: 'Customers', ...Type.Array(Customer) })
    streaming(() => [JANE], { schema: { response: { 200: { $ref: 'Customers#' } } } })(api)
  })
  t.equal((await get('/', 'profile')).payload, `[${OF_PROFILE}]`)
})

t.test('a record that fails before anything has left → a plain 500; the log says which, and nothing of it', async t => {
  const sources: Record<string, [() => unknown, object]> = {
    'the source throws': [() => { throw Object.assign(new RangeError(SECRET), { code: 'ECONNRESET' }) }, { stream: 'source', record: 2, thrown: 'RangeError', code: 'ECONNRESET' }],
    'the source throws null': [() => { throw NOTHING }, { stream: 'source', record: 2, thrown: 'object' }],
    'the source throws a text': [() => { throw SECRET }, { stream: 'source', record: 2, thrown: 'string' }],
    'the record does not fit': [() => ({ ...JANE, age: SECRET }), { stream: 'serializer', record: 2, thrown: 'Error' }],
    'the record throws': [() => ({ ...JANE, get name () { throw new TypeError(SECRET) } }), { stream: 'serializer', record: 2, thrown: 'TypeError' }]
  }
  for (const [what, [last, line]] of Object.entries(sources)) {
    const { get, log } = await guardedApp(t, streaming(() => customers(2, last)))
    const response = await get('/', 'profile')
    t.strictSame(response.json(), { statusCode: 500, code: 'FST_KEYHOLE_STREAM_FAILED', error: 'Internal Server Error', message: 'Internal Server Error' }, what)
    t.equal(response.headers['cache-control'], 'no-store')
    t.match(log.lines().find(({ stream }) => stream !== undefined), { level: 50, route: 'GET /', ...line }, what)
    t.notMatch(log.text(), SECRET, what)
  }
})

for (const [what, last] of Object.entries({ 'the source throws': () => { throw new Error(SECRET) }, 'the record does not fit': () => ({ ...JANE, age: SECRET }) })) {
  t.test(`a record that fails later, ${what} → all before it leave whole, then the connection is cut`, async t => {
    let returned = 0
    const guarded = await listening(t, () => (async function * () { try { yield * customers(2000, last) } finally { returned++ } })())
    const raw = await rawRequest(guarded.app, requestBytes('GET /', { ...HEADERS, accept: NDJSON }))
    t.notMatch(raw, /\r\n0\r\n\r\n$/, 'without the end')
    const lines = raw.split('\r\n\r\n').slice(1).join('').replace(/\r?\n[0-9a-f]+\r\n|^[0-9a-f]+\r\n/g, '').split('\n').filter(line => line.startsWith('{'))
    t.equal(lines.length, 2000)
    t.ok(lines.every(line => line.trim() === OF_PROFILE), 'no half record')
    t.match(await logged(guarded, /ended before its end/), { record: 2000 })
    t.notMatch(guarded.log.text(), SECRET)
    t.equal(returned, 1)
  })

  t.test(`HTTP/2: a record that fails later, ${what} → all before it leave whole, then the stream is reset`, async t => {
    const guarded = await listening(t, () => customers(2000, last), { http2: true })
    const stream = askedOverHttp2(t, guarded.port)
    let body = ''
    stream.on('data', chunk => { body += String(chunk) })
    const [error] = await once(stream, 'error') as [Error]
    t.match(error.message, 'NGHTTP2_INTERNAL_ERROR')
    t.equal(body, `[${Array.from({ length: 2000 }, () => OF_PROFILE).join()}`)
  })
}

for (const http2 of [false, true]) {
  t.test(`a failure while nothing waits to be written, ${http2 ? 'HTTP/2' : 'HTTP/1.1'} → cut after the records before it`, async t => {
    const { promise: arrived, resolve: arrive } = withResolvers()
    const { port } = await listening(t, () => (async function * () {
      yield JANE
      await arrived
      throw new Error(SECRET)
    })(), { http2 })
    const response = http2 ? askedOverHttp2(t, port) : await asked(port)
    let body = ''
    response.on('data', chunk => {
      body += String(chunk)
      arrive()
    })
    await once(response, 'error')
    t.equal(body, `[${OF_PROFILE}`)
  })
}

t.test('a record that the source gives while the next is awaited → leaves', async t => {
  const next = new PassThrough({ objectMode: true })
  const { port } = await listening(t, () => next)
  next.write(JANE)
  const response = await asked(port, { accept: NDJSON })
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]()
  t.equal((await chunks.next()).value, `${OF_PROFILE}\n`)
  next.end({ ...JANE, age: 42 })
  t.equal((await chunks.next()).value, `${OF_PROFILE.replace('41', '42')}\n`)
  t.equal((await chunks.next()).done, true)
})

for (const http2 of [false, true]) {
  t.test(`a record that fills the buffers, and small ones once these were emptied, ${http2 ? 'HTTP/2' : 'HTTP/1.1'} → all of them leave, and the source comes to its end`, async t => {
    const { promise: ended, resolve: end } = withResolvers()
    const source: Source = (_request, { raw }) => (async function * () {
      const emptied = once(raw, 'drain')
      try {
        // Three bytes a character: less than a batch, which leaves alone and while this is awaited, and more than any buffer.
        yield { ...JANE, name: '€'.repeat(30_000) }
        await emptied
        yield * [JANE, JANE]
      } finally {
        end()
      }
    })()
    const { port } = await listening(t, source, { http2 })
    const response = http2 ? askedOverHttp2(t, port) : await asked(port)
    const body = await text(response)
    await ended
    t.equal(body.replace(/€+/, JANE.name), `[${OF_PROFILE},${OF_PROFILE},${OF_PROFILE}]`)
  })
}

/** Endless, and says when it was given up. */
function endless (): { readonly records: AsyncIterable<unknown>, readonly returned: Promise<void> } {
  const { promise: returned, resolve } = withResolvers()
  return { returned, records: (async function * () { try { for (;;) yield JANE } finally { resolve() } })() }
}

function withResolvers (): { readonly promise: Promise<void>, resolve (): void } {
  const done = new EventEmitter()
  return { promise: once(done, 'done').then(() => {}), resolve: () => { done.emit('done') } }
}

t.test('the client goes away → return of the source is called', async t => {
  await t.test('while it is written', async t => {
    const { records, returned } = endless()
    const { port } = await listening(t, () => records)
    const response = await asked(port)
    await once(response, 'data')
    response.destroy()
    await returned
  })
  await t.test('over HTTP/2', async t => {
    const { records, returned } = endless()
    const { port } = await listening(t, () => records, { http2: true })
    const stream = askedOverHttp2(t, port)
    await once(stream, 'data')
    stream.close()
    await returned
  })
  await t.test('without having read anything', async t => {
    const { records, returned } = endless()
    const { port } = await listening(t, () => records)
    const response = await asked(port)
    response.socket.pause()
    await setImmediate()
    response.destroy()
    await returned
  })
  await t.test('while a Node stream is awaited, which is destroyed', async t => {
    const source = new PassThrough({ objectMode: true })
    source.write(JANE)
    const { port } = await listening(t, () => source)
    const response = await asked(port)
    await once(response, 'data')
    response.destroy()
    await once(source, 'close')
  })
  await t.test('while it waits for the answer to an earlier request, full or not', async t => {
    for (const then of [() => {}, () => new Promise(resolve => { setTimeout(resolve, 1) })]) {
      const read = withResolvers()
      const returned = withResolvers()
      const records = (async function * () { try { for (;;) { yield JANE; read.resolve(); await then() } } finally { returned.resolve() } })()
      const guarded = await guardedApp(t, streaming(() => records), { before: app => { app.get('/unanswered', () => new Promise(() => {})) } })
      await guarded.app.listen({ port: 0, host: '127.0.0.1' })
      const socket = createConnection({ port: (guarded.app.server.address() as { port: number }).port, host: '127.0.0.1' })
      socket.write(`GET /unanswered HTTP/1.1\r\nhost: x\r\n\r\n${requestBytes('GET /', HEADERS)}`)
      await read.promise
      socket.destroy()
      await returned.promise
    }
  })
  await t.test('over HTTP/2, while what stands before a record that failed is written', async t => {
    const closed = withResolvers()
    const guarded = await listening(t, (_request, { raw }) => {
      raw.once('close', closed.resolve)
      // Two leave as a batch, and the third does not fit into the window of the stream any more.
      return (function * () {
        for (let record = 0; record < 3; record++) yield { ...JANE, name: 'x'.repeat(30_000) }
        throw new Error('x')
      })()
    }, { http2: true })
    const stream = askedOverHttp2(t, guarded.port).pause()
    await logged(guarded, /ended before its end/)
    stream.close()
    await closed.promise
  })
  for (const http2 of [false, true]) {
    await t.test(`before the handler streams, ${http2 ? 'HTTP/2' : 'HTTP/1.1'}`, async t => {
      const gone = withResolvers()
      const closed = withResolvers()
      let read = 0
      const records = { [Symbol.asyncIterator] () { return this }, next: async () => { read++; return { done: true, value: undefined } }, return: async () => { closed.resolve() } } as unknown as AsyncIterable<unknown>
      const guarded = await guardedApp(t, api => {
        api.get('/', { schema: SCHEMA }, async (request, reply) => {
          gone.resolve()
          await once(reply.raw, 'close')
          return reply.send(request.keyhole.stream(records))
        })
      }, { server: { http2 } as object })
      await guarded.app.listen({ port: 0, host: '127.0.0.1' })
      const { port } = guarded.app.server.address() as { port: number }
      if (http2) {
        const stream = askedOverHttp2(t, port)
        await gone.promise
        stream.close()
      } else {
        const request = httpRequest({ port, host: '127.0.0.1', headers: HEADERS, agent: false }).on('error', () => {}).end()
        await gone.promise
        request.destroy()
      }
      await closed.promise
      t.equal(read, 0)
    })
  }
})

t.test('a return that fails → a word in the log, and nothing of what it says', async t => {
  const records = { [Symbol.asyncIterator] () { return this }, next: async () => ({ done: false, value: { ...JANE, age: 'x' } }), return: async () => { throw new Error(SECRET) } } as unknown as AsyncIterable<unknown>
  const guarded = await guardedApp(t, streaming(() => records))
  t.equal((await guarded.get('/', 'profile')).statusCode, 500)
  t.match(await logged(guarded, /could not be closed/), { level: 40, thrown: 'Error' })
  t.notMatch(guarded.log.text(), SECRET)
})

t.test('a head that cannot be sent → 500, and the source is closed', async t => {
  for (const [name, value] of [['x-broken', 'a\nb'], ['cache-control', 'public']] as const) {
    const { records, returned } = endless()
    const { app } = await listening(t, (_request, reply) => { reply.header(name, value); return records })
    t.match(await rawRequest(app, requestBytes('GET /', HEADERS)), /^HTTP\/1\.1 500 /)
    await returned
    const empty = await listening(t, (_request, reply) => { reply.header(name, value); return [] })
    t.match(await rawRequest(empty.app, requestBytes('GET /', HEADERS)), /^HTTP\/1\.1 500 /)
  }
})

t.test('audit → names of fields, as of a list; of a stream that did not end, that too', async t => {
  const events: GuardedRequestEvent[] = []
  const audited = async (source: Source) => {
    const guarded = await guardedApp(t, streaming(source), { options: { audit: { hook: event => { events.push(event) } } } })
    await guarded.app.listen({ port: 0, host: '127.0.0.1' })
    return guarded
  }
  const whole = await audited(() => customers(2))
  await whole.get('/', 'profile')
  t.match(events.pop(), { status: 200, outcome: 'released', error: undefined, released: ['*.id', '*.name', '*.age'], withheld: ['*.address.street'] })

  const atOnce = await audited(() => customers(2, () => { throw new Error(SECRET) }))
  await atOnce.get('/', 'profile')
  t.match(events.pop(), { status: 500, outcome: 'failed', error: 'FST_KEYHOLE_STREAM_FAILED', released: [], withheld: [] })

  const later = await audited(() => customers(2000, () => { throw new Error(SECRET) }))
  await rawRequest(later.app, requestBytes('GET /', HEADERS))
  t.match(events.pop(), { status: 200, outcome: 'released', error: 'FST_KEYHOLE_STREAM_FAILED', released: ['*.id', '*.name', '*.age'] })

  const { records, returned } = endless()
  const gone = await audited(() => records)
  const response = await asked((gone.app.server.address() as { port: number }).port)
  response.destroy()
  await returned
  while (events.length === 0) await setImmediate()
  t.match(events.pop(), { status: 200, outcome: 'released', error: undefined })
  t.strictSame(events, [])
})

t.test('names that are withheld → known before and while it is sent', async t => {
  const { get } = await guardedApp(t, api => {
    api.get('/', { schema: SCHEMA }, async (request, reply) => reply.send(request.keyhole.stream((function * () { yield { ...JANE, name: request.keyhole.withheld.join() } })())))
  })
  t.equal((await get('/', 'profile')).json()[0].name, '*.address.street,*.address.city,*.banking.iban,*.banking.balance')
})
