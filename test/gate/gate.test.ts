import { createServer, IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttp2Server, connect, type Http2ServerResponse } from 'node:http2'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { Socket, type AddressInfo } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { closeGate, type Blocked, type Gate, type GateKeeper } from '../../lib/gate/gate.js'
import { sealForAny } from '../../lib/gate/sealed-error.js'

/** A keeper that writes down what was held back. */
function keeper (substitute?: ReturnType<GateKeeper['blocked']>): GateKeeper & { readonly heard: (readonly [Blocked, unknown])[] } {
  const heard: (readonly [Blocked, unknown])[] = []
  return { heard, blocked: (what, chunk) => { heard.push([what, chunk]); return substitute } }
}

/** What a client gets of a handler behind a gate. */
async function served (t: Test, handle: (raw: ServerResponse, gate: Gate) => void, watch = keeper(), method = 'GET') {
  return { ...await fetched(t, raw => handle(raw, closeGate(raw, watch)), method), heard: watch.heard }
}

async function fetched (t: Test, handle: (raw: ServerResponse) => void, method = 'GET') {
  const server = createServer((_request, raw) => handle(raw))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { method })
  return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
}

const WITHHELD = { statusCode: 500, code: 'FST_KEYHOLE_PAYLOAD_BLOCKED', error: 'Internal Server Error', message: 'Internal Server Error' }

t.test('nothing sealed → a generic 500, and the keeper hears of it', async t => {
  const { status, headers, body, heard } = await served(t, raw => { raw.setHeader('x', 'y').end('secret') })
  t.equal(status, 500)
  t.strictSame(JSON.parse(body), WITHHELD)
  t.match(headers, { 'cache-control': 'no-store', 'content-type': 'application/json; charset=utf-8', 'content-length': String(body.length) })
  t.notOk('x' in headers)
  t.strictSame(heard, [['body', 'secret']])
})

t.test('a substitute of the keeper → in its place', async t => {
  const { status, body } = await served(t, raw => { raw.end('secret') }, keeper({ status: 404, body: '{}' }))
  t.equal(status, 404)
  t.equal(body, '{}')
})

t.test('the sealed text → passes, whole or in parts, in any form and encoding', async t => {
  const sealed = 'naïve ☃ text'
  const ways: Record<string, (raw: ServerResponse) => unknown> = {
    whole: raw => raw.end(sealed),
    'with an encoding': raw => raw.end(sealed, 'utf-8'),
    'with null for the rest': raw => raw.end(sealed, null as never, null as never),
    'as bytes': raw => raw.end(Buffer.from(sealed)),
    'as a typed array': raw => raw.end(new TextEncoder().encode(sealed)),
    'in hex': raw => raw.end(Buffer.from(sealed).toString('hex'), 'hex'),
    'in an encoding that there is not': raw => raw.end(sealed, 'nonsense' as never),
    'in parts': raw => { for (const byte of Buffer.from(sealed)) raw.write(Buffer.of(byte)); raw.end() },
    'text and bytes': raw => { raw.write('naï'); raw.write(''); raw.end(Buffer.from('ve ☃ text')) },
    'with a callback': raw => raw.end(sealed, () => {}),
    'empty first': raw => { raw.write(Buffer.alloc(0)); raw.write(sealed); raw.end(() => {}) },
    'the head by its other name': raw => { (raw as unknown as { writeHeader (status: number): void }).writeHeader(200); raw.end(sealed) },
    'the head first': raw => { raw.writeHead(200); raw.flushHeaders(); raw.end(sealed) }
  }
  for (const [what, send] of Object.entries(ways)) {
    const { status, body, heard } = await served(t, (raw, gate) => {
      gate.seal(sealed)
      send(raw)
    })
    t.equal(status, 200, what)
    t.equal(body, sealed, what)
    t.strictSame(heard, [], what)
  }
})

t.test('the sealed text in a content coding → passes once it is there as a whole, and parts count as written', async t => {
  const sealed = 'naïve ☃ text'.repeat(20)
  const coded = gzipSync(sealed)
  const called: string[] = []
  const ways: Record<string, (raw: ServerResponse) => unknown> = {
    whole: raw => raw.end(coded),
    'with a callback': raw => raw.end(coded, () => called.push('end')),
    'as a typed array': raw => raw.end(new Uint8Array(coded)),
    'in parts': raw => {
      t.equal(raw.write(coded.subarray(0, 10), () => called.push('one')), true)
      t.equal(raw.write(Buffer.alloc(0)), true)
      t.equal(raw.write(coded.subarray(10)), true)
      raw.end()
    },
    'in parts, the last with the end': raw => {
      raw.write(coded.subarray(0, 10))
      raw.end(coded.subarray(10))
    },
    'as the text itself, though the head says otherwise': raw => { raw.removeHeader('content-encoding'); raw.end(sealed) }
  }
  for (const [what, send] of Object.entries(ways)) {
    const { status, body, heard } = await served(t, (raw, gate) => {
      gate.seal(sealed)
      raw.setHeader('content-encoding', 'gzip')
      send(raw)
    })
    t.equal(status, 200, what)
    t.equal(body, sealed, what)
    t.strictSame(heard, [], what)
  }
  t.strictSame(called, ['end', 'one'])
})

t.test('sealed again after a part in a content coding → what is sealed now counts', async t => {
  const { body } = await served(t, (raw, gate) => {
    gate.seal('first')
    raw.setHeader('content-encoding', 'gzip')
    raw.write(gzipSync('first').subarray(0, 5))
    gate.seal('second')
    raw.end(gzipSync('second'))
  })
  t.equal(body, 'second')
})

t.test('a text sealed for any, in a content coding → passes without another seal', async t => {
  sealForAny('{"statusCode":404}')
  const { status, body } = await served(t, raw => { raw.writeHead(404, { 'content-encoding': 'gzip' }).end(gzipSync('{"statusCode":404}')) })
  t.equal(status, 404)
  t.equal(body, '{"statusCode":404}')
})

t.test('nothing in a content coding → passes for a 304, which has no body', async t => {
  const nothing = (status: number) => served(t, raw => { raw.writeHead(status, { 'content-encoding': 'gzip' }).end(gzipSync('')) })
  t.match(await nothing(304), { status: 304, body: '', heard: [] })
  t.match(await nothing(200), { status: 500, heard: [['body']] })
  t.match(await served(t, raw => { raw.writeHead(304, { 'content-encoding': 'gzip' }).end(gzipSync('secret')) }), { status: 500 })
})

t.test('anything else in a content coding → held back', async t => {
  const sealed = 'sealed'
  const coded = gzipSync(sealed)
  const ways: Record<string, (raw: ServerResponse) => unknown> = {
    'another text': raw => raw.end(gzipSync('secret')),
    'more than was sealed': raw => raw.end(gzipSync('sealed and more')),
    'less than was sealed': raw => raw.end(gzipSync('seal')),
    'in another coding than the head says': raw => raw.end(deflateSync(sealed)),
    'in a coding that there is not': raw => raw.setHeader('content-encoding', 'compress').end(coded),
    'in no coding': raw => { raw.removeHeader('content-encoding'); raw.end(coded) },
    'without its end': raw => { raw.write(coded.subarray(0, 12)); raw.end() },
    'with something behind it': raw => { raw.write(coded); raw.end(Buffer.from('secret')) },
    'a part that is no bytes': raw => { raw.write(1 as never); raw.end() },
    'an end that is no bytes': raw => { raw.write(coded); raw.end({} as never) },
    'more than any encoder makes of it': raw => {
      t.equal(raw.write(randomBytes(10_000)), false)
      t.equal(raw.write(coded), false)
      raw.end()
    }
  }
  for (const [what, send] of Object.entries(ways)) {
    const { status, headers, body, heard } = await served(t, (raw, gate) => {
      gate.seal(sealed)
      raw.setHeader('content-encoding', 'gzip')
      send(raw)
    })
    t.equal(status, 500, what)
    t.strictSame(JSON.parse(body), WITHHELD, what)
    t.notOk('content-encoding' in headers, what)
    t.strictSame(heard.map(([blocked]) => blocked), ['body'], what)
  }
})

t.test('sealed bytes, one chunk after another → pass', async t => {
  const { body } = await served(t, (raw, gate) => {
    for (const chunk of ['one', 'two']) {
      gate.seal(Buffer.from(chunk))
      raw.write(chunk)
    }
    raw.end()
  })
  t.equal(body, 'onetwo')
})

t.test('anything else than what comes next → held back', async t => {
  const ways: Record<string, (raw: ServerResponse) => unknown> = {
    'a part out of its order': raw => raw.end('aled'),
    'more than was sealed': raw => raw.end('sealed and more'),
    'as bytes in latin1': raw => raw.end('sealéd', 'latin1'),
    'the earlier one of two': raw => raw.end('before'),
    'no bytes at all': raw => raw.end(1 as never),
    'an object': raw => raw.end({} as never)
  }
  for (const [what, send] of Object.entries(ways)) {
    const { status, body } = await served(t, (raw, gate) => {
      gate.seal('before')
      gate.seal('sealed')
      send(raw)
    })
    t.equal(status, 500, what)
    t.strictSame(JSON.parse(body), WITHHELD, what)
  }
})

t.test('the sealed text twice → cut after the first', async t => {
  await t.rejects(served(t, (raw, gate) => {
    gate.seal('sealed')
    raw.write('sealed')
    raw.write('sealed')
  }))
})

t.test('what is called after the end → nothing', async t => {
  const { body, heard } = await served(t, (raw, gate) => {
    gate.seal('sealed')
    raw.end('sealed')
    t.equal(raw.write('more'), false)
    t.equal(raw.end('more'), raw)
    t.equal(raw.writeHead(500), raw)
    t.equal(raw.statusCode, 200)
    t.equal((raw as unknown as { writeHeader: typeof raw.writeHead }).writeHeader(500), raw)
    raw.addTrailers({ x: 'y' })
  })
  t.equal(body, 'sealed')
  t.strictSame(heard, [])
})

t.test('a text sealed for any → passes any gate once it is sealed, as it was', async t => {
  const { body } = await served(t, raw => {
    const bytes = sealForAny('{"a":1}')
    bytes.write('{"a":2}')
    raw.end(bytes, 'hex' as never)
  })
  t.equal(body, '{"a":1}')
  t.equal((await served(t, raw => { raw.end(Buffer.from('{"a":1}')) })).status, 500, 'its bytes alone do not')
})

t.test('early hints, trailers → not sent; a callback is called', async t => {
  const called: string[] = []
  const { status, headers, heard } = await served(t, (raw, gate) => {
    raw.writeEarlyHints({ link: '</secret>; rel=preload' }, () => called.push('hints'))
    raw.writeEarlyHints({ link: '</secret>; rel=preload' })
    raw.addTrailers({ x: 'secret' })
    gate.seal('sealed')
    raw.end('sealed')
  })
  t.equal(status, 200)
  t.notOk('x' in headers)
  t.strictSame(heard.map(([what]) => what), ['early hints', 'early hints', 'trailer'])
  t.strictSame(called, ['hints'])
})

t.test('informational answers of a later Node → not sent', async t => {
  class LaterResponse extends ServerResponse {
    writeInformation () { throw new Error('sent') }
  }
  const raw = new LaterResponse(new IncomingMessage(new Socket()))
  const watch = keeper()
  closeGate(raw, watch)
  t.equal(raw.writeInformation(), undefined)
  t.strictSame(watch.heard, [['early hints', undefined]])
})

t.test('methods that somebody has replaced before → called as the originals', async t => {
  const seen: unknown[] = []
  const { body } = await fetched(t, raw => {
    const { end } = raw
    raw.end = function (this: ServerResponse, ...args: unknown[]) {
      seen.push(args[0])
      return Reflect.apply(end, this, args) as ServerResponse
    } as typeof end
    const gate = closeGate(raw, keeper())
    gate.seal('sealed')
    raw.end('sealed')
  })
  t.equal(body, 'sealed')
  t.strictSame(seen, ['sealed'])
})

t.test('a method that somebody has replaced before and that calls another → its own business', async t => {
  const { body } = await fetched(t, raw => {
    raw.write = ((chunk: string) => raw.end(chunk)) as never
    closeGate(raw, keeper()).seal('sealed')
    raw.write('sealed')
  })
  t.equal(body, 'sealed')
})

t.test('a first part, and a head that may not be sent → nothing of it', async t => {
  const { status, heard } = await served(t, (raw, gate) => {
    gate.seal('sealed')
    raw.writeHead(200, { trailer: 'x' })
    t.equal(raw.write('sealed'), false)
  })
  t.equal(status, 500)
  t.strictSame(heard, [['trailer', undefined]])
})

t.test('a gate closed twice → the second one counts', async t => {
  const { body, heard } = await served(t, (raw, first) => {
    const second = closeGate(raw, keeper())
    first.seal('first')
    second.seal('second')
    raw.end('second')
  })
  t.equal(body, 'second')
  t.strictSame(heard, [])
})

t.test('a head that cannot be sent → 500', async t => {
  for (const head of [[200, ['x', 'y']], [200, { x: 'a\r\nb' }], [200, { 'é ': 'x' }], [999999, {}]] as const) {
    const { status, heard } = await served(t, (raw, gate) => {
      gate.seal('sealed')
      raw.writeHead(head[0], head[1] as never)
      raw.end('sealed')
    })
    t.equal(status, 500)
    t.strictSame(heard, [['head', undefined]])
  }
})

t.test('headers → those of the head over those of the response, and Cache-Control in both', async t => {
  const answer = (set: (raw: ServerResponse) => unknown) => served(t, (raw, gate) => {
    gate.seal('sealed')
    set(raw)
    raw.end('sealed')
  })
  t.match((await answer(raw => raw.setHeader('cache-control', 'private'))).headers, { 'cache-control': 'private', vary: 'Authorization' })
  t.match((await answer(raw => raw.writeHead(200, { 'cache-control': 'private', vary: 'accept' }))).headers, { 'cache-control': 'private', vary: 'accept, Authorization' })
  t.match((await answer(raw => raw.setHeader('vary', 'accept').writeHead(200, 'OK', { 'cache-control': 'private' }))).headers, { vary: 'accept, Authorization' })
  t.match((await answer(raw => raw.setHeader('cache-control', 'public').writeHead(200, { 'cache-control': 'no-store' }))).headers, { 'cache-control': 'no-store' })
  t.match((await answer(raw => raw.writeHead(200))).headers, { 'cache-control': 'no-store' })
  t.match((await answer(() => {})).headers, { 'cache-control': 'no-store' })
  t.match((await answer(raw => raw.writeHead(200, { 'cache-control': 'max-age=1, no-store' }))).headers, { 'cache-control': 'max-age=1, no-store' })
  for (const set of [
    (raw: ServerResponse) => raw.setHeader('cache-control', 'public'),
    (raw: ServerResponse) => raw.writeHead(200, { 'cache-control': 'public' }),
    (raw: ServerResponse) => raw.setHeader('surrogate-control', 'max-age=1'),
    (raw: ServerResponse) => raw.writeHead(200, { 'CDN-Cache-Control': 'max-age=1' })
  ]) t.match(await answer(set), { status: 500, heard: [['shared cache', undefined]] })
  t.equal((await answer(raw => raw.setHeader('surrogate-control', 'no-store'))).status, 200)
  for (const set of [(raw: ServerResponse) => raw.setHeader('trailer', 'x'), (raw: ServerResponse) => raw.writeHead(200, { trailer: 'x' })]) {
    t.match(await answer(set), { status: 500, heard: [['trailer', undefined]] })
  }
})

t.test('D19 the length that an answer to HEAD tells → that of the sealed text, or none', async t => {
  const head = (status: number, length: number | undefined, seal?: string) => served(t, (raw, gate) => {
    if (seal !== undefined) gate.seal(seal)
    raw.writeHead(status, length === undefined ? {} : { 'content-length': length })
    raw.end()
  }, keeper(), 'HEAD')
  for (const [status, length, seal] of [[200, undefined], [200, 0], [200, 6, 'sealed'], [200, undefined, 'sealed'], [404, undefined], [404, 6, 'sealed']] as const) t.equal((await head(status, length, seal)).status, status)
  for (const [status, length, seal] of [[200, 99], [200, 99, 'sealed'], [200, 5, 'sealed'], [304, 99, 'sealed']] as const) {
    t.match(await head(status, length, seal), { status: 500, heard: [['body', undefined]] }, `${status} ${length}`)
  }
  for (const seal of [undefined, 'sealed']) {
    const { status, headers, heard } = await head(404, 99, seal)
    t.strictSame([status, headers['content-length'], heard], [404, undefined, []], 'an error tells none')
  }
})

t.test('a length that is not that of the body → held back', async t => {
  const ways: Record<string, (raw: ServerResponse, length: number | string) => unknown> = {
    'in the head': (raw, length) => raw.writeHead(200, { 'content-length': length }).end('sealed'),
    'in capitals': (raw, length) => raw.writeHead(200, { 'Content-Length': length }).end('sealed'),
    'before another argument': (raw, length) => Reflect.apply(raw.writeHead, raw, [200, { 'content-length': length }, undefined]).end('sealed'),
    'on the response': (raw, length) => raw.setHeader('Content-Length', length).end('sealed'),
    'before a part': (raw, length) => { raw.writeHead(200, { 'content-length': length }).write('sea'); raw.end('led') }
  }
  for (const [what, send] of Object.entries(ways)) {
    for (const length of [0, 5, 99, '6, 7', 'x']) {
      const { status, body } = await served(t, (raw, gate) => {
        gate.seal('sealed')
        send(raw, length)
      })
      t.equal(status, 500, `${what}: ${length}`)
      t.strictSame(JSON.parse(body), WITHHELD)
    }
    for (const length of [6, '6']) {
      const { status, body } = await served(t, (raw, gate) => {
        gate.seal('sealed')
        send(raw, length)
      })
      t.strictSame({ status, body }, { status: 200, body: 'sealed' }, `${what}: ${length}`)
    }
  }
})

t.test('writeHeader, the older name of writeHead → held back as well', async t => {
  const { status, headers, body } = await served(t, (raw, gate) => {
    const { writeHeader } = raw as unknown as { writeHeader: typeof raw.writeHead }
    gate.seal('sealed')
    writeHeader.call(raw, 201, { x: 'y' })
    t.equal(raw.headersSent, false)
    raw.end('sealed')
  })
  t.match({ status, headers, body }, { status: 201, headers: { x: 'y' }, body: 'sealed' })
})

t.test('Cache-Control in capitals, or before another argument → read like any other', async t => {
  for (const args of [[200, { 'Cache-Control': 'public' }], [200, { 'cache-control': 'public' }, undefined], [200, undefined, { 'CACHE-CONTROL': 's-maxage=5' }], ['200', 'OK', { 'Cache-Control': 'public' }]]) {
    const { status, heard } = await served(t, (raw, gate) => {
      gate.seal('sealed')
      raw.setHeader('cache-control', 'no-store')
      Reflect.apply(raw.writeHead, raw, args)
      raw.end('sealed')
    })
    t.equal(status, 500)
    t.strictSame(heard, [['shared cache', undefined]])
  }
})

t.test('compressed: parts count as written at once, and what is too long is held back before its end', async t => {
  const called: string[] = []
  const { status, headers, body, heard } = await served(t, (raw, gate) => {
    gate.seal('sealed')
    const coded = gzipSync('sealed')
    raw.setHeader('Content-Encoding', 'gzip')
    t.equal(raw.write(coded.subarray(0, 5), () => called.push('written')), true)
    t.equal(raw.headersSent, false)
    process.nextTick(() => raw.end(coded.subarray(5)))
  })
  t.strictSame({ status, body }, { status: 200, body: 'sealed' })
  t.equal(headers['content-encoding'], 'gzip')
  t.strictSame([called, heard], [['written'], []])

  const long = await served(t, (raw, gate) => {
    gate.seal('sealed')
    raw.setHeader('Content-Encoding', 'gzip')
    t.equal(raw.write(Buffer.alloc(10_000)), false)
    t.equal(raw.headersSent, true)
  })
  t.equal(long.status, 500)
  t.strictSame(long.heard.map(([what, chunk]) => [what, (chunk as object).constructor.name]), [['body', 'CompressedBody']])
  const none = await served(t, (raw, gate) => {
    gate.seal('sealed')
    raw.setHeader('Content-Encoding', 'gzip')
    raw.end(1 as never)
  })
  t.equal(none.status, 500)
})

t.test('compressed, of a text sealed for any: one of the last thousand → passes', async t => {
  const answer = (text: string) => served(t, raw => {
    raw.setHeader('Content-Encoding', 'br')
    raw.end(brotliCompressSync(text))
  })
  const long = 'x'.repeat(5000)
  for (const text of ['first', 'second', long]) sealForAny(text)
  t.match(await answer('first'), { status: 200, body: 'first' })
  t.equal((await answer(long)).status, 500, 'not one so long')
  sealForAny('first')
  for (let more = 0; more < 999; more++) sealForAny(String(more))
  t.match(await answer('first'), { status: 200, body: 'first' }, 'sealed again later')
  t.equal((await answer('second')).status, 500)
})

t.test('a response that is gone → nothing happens', async t => {
  const watch = keeper()
  await t.rejects(served(t, (raw, gate) => {
    gate.seal('sealed')
    raw.destroy()
    raw.end('secret')
  }, watch))
  t.strictSame(watch.heard, [['body', 'secret']])
})

t.test('HTTP/2 → no push, no trailers, and a long text in pieces', async t => {
  const sealed = 'x'.repeat(300_000)
  const watch = keeper()
  const errors: unknown[] = []
  const server = createHttp2Server((_request, raw) => {
    const gate = closeGate(raw as unknown as ServerResponse, watch)
    raw.createPushResponse({ ':path': '/' }, error => { errors.push(error) });
    (raw as Http2ServerResponse & { setTrailer (name: string, value: string): void }).setTrailer('x', 'secret')
    gate.seal(sealed)
    for (let at = 0; at < sealed.length; at += 65_536) raw.write(Buffer.from(sealed.slice(at, at + 65_536)))
    raw.end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const session = connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  t.teardown(() => { session.close(); server.close() })
  const stream = session.request({ ':path': '/' })
  const trailers: unknown[] = []
  stream.on('trailers', headers => trailers.push(headers))
  t.equal(await text(stream), sealed)
  t.strictSame(trailers, [])
  t.strictSame(watch.heard.map(([what]) => what), ['server push', 'trailer'])
  t.match(errors, [{ message: 'a guarded route does not push' }])
})
