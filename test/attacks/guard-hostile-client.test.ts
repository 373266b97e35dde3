import { once } from 'node:events'
import { connect } from 'node:net'
import { Readable } from 'node:stream'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { answersIn, rawRequest, requestBytes } from '../plugins/raw-request.js'
import { bearer, Customer, guardedApp, JANE, SECRET, tokenOf } from '../plugins/resource-guard-app.js'

/** Bytes of a client that holds a token for `profile`, or none, and wants more. */

const OF_PROFILE = JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age })

const { app, log } = await guardedApp(t, api => {
  const customer = { schema: { response: { 200: Customer } } }
  api.get('/customer', customer, async () => JANE)
  api.get('/blocked', customer, async () => JSON.stringify(JANE))
  api.get('/stream', customer, async () => Readable.from([JSON.stringify(JANE)]))
  api.post('/customer', { schema: { body: Type.Pick(Customer, ['name']), response: { 200: Customer } }, bodyLimit: 1000 }, async () => JANE)
  api.setNotFoundHandler((_request, reply) => { reply.code(404).send(JANE) })
})
await app.listen({ port: 0, host: '127.0.0.1' })

const mine = bearer(tokenOf('profile'))
const get = (target: string, headers: Record<string, string> = {}) => requestBytes(`GET ${target}`, { ...mine, ...headers })

/** Requests, and the status of each answer; a released body is the view, any other a closed error. */
const CLIENTS: Readonly<Record<string, readonly [string | Buffer, readonly number[]]>> = {
  'a range of the body': [get('/customer', { range: 'bytes=0-10' }), [200]],
  'a condition that any answer fulfils': [get('/customer', { 'if-none-match': '*', 'if-modified-since': 'Tue, 01 Jan 2030 00:00:00 GMT' }), [200]],
  'every encoding accepted': [get('/customer', { 'accept-encoding': 'gzip, deflate, br, *' }), [200]],
  'another media type accepted': [get('/customer', { accept: 'text/csv, application/json;profile=full' }), [200]],
  'trailers welcome': [get('/customer', { te: 'trailers', connection: 'close, te' }), [200]],
  'A99 an upgrade': [get('/customer', { connection: 'upgrade, close', upgrade: 'websocket' }), [200]],
  'h2c by upgrade': [get('/customer', { connection: 'upgrade, http2-settings, close', upgrade: 'h2c', 'http2-settings': 'AAMAAABkAAQAAP__' }), [200]],
  'fields asked for': [get('/customer?fields=*&select=banking&expand=banking&include=banking.iban'), [200]],
  'a callback asked for': [get('/customer?callback=x&pretty&format=csv'), [200]],
  'another view asked for by headers': [get('/customer', { 'x-fields': 'banking', prefer: 'return=representation', 'x-scope': 'banking', 'x-roles': 'admin' }), [200]],
  'an encoded path': [get('/%63ustomer'), [200]],
  'an absolute URL': [get('http://127.0.0.1/customer'), [200]],
  'other spellings of the path': [['//customer', '/CUSTOMER', '/customer/', '/customer;a', '/customer%00', '/customer%2f', '/./customer', '/x/../customer', '/customer%20'].map(path => get(path, { connection: 'keep-alive' })).join('') + get('/customer'), [404, 404, 404, 404, 404, 404, 404, 404, 404, 200]],
  'a path that is no URL': [get('/%ff'), [400]],
  'HEAD, blocked': [requestBytes('HEAD /blocked', mine), [500]],
  'a blocked answer, a good one, a stream, a good one, in one piece': [
    ['/blocked', '/customer', '/stream'].map(path => get(path, { connection: 'keep-alive' })).join('') + get('/customer'), [500, 200, 500, 200]
  ],
  'a body that waits to be asked for': [requestBytes('POST /customer', { ...mine, expect: '100-continue', 'content-type': 'application/json' }, '{"banking":{}}'), [100, 400]],
  'a body where none belongs': [requestBytes('GET /customer', { ...mine, 'content-type': 'application/json' }, '{"banking":{}}'), [200]],
  'a body in chunks, with trailers': [
    requestBytes('POST /customer', { ...mine, 'content-type': 'application/json', 'transfer-encoding': 'chunked', trailer: 'authorization' }) +
    `e\r\n{"banking":{}}\r\n0\r\nauthorization: Bearer ${tokenOf('banking')}\r\n\r\n`, [400]
  ],
  'a body that is too long': [requestBytes('POST /customer', { ...mine, 'content-type': 'application/json' }, JSON.stringify({ name: 'x'.repeat(2000) })), [413]],
  'a body that is not JSON': [requestBytes('POST /customer', { ...mine, 'content-type': 'application/json' }, `{"name":"${SECRET.slice(0, 4)}`), [400]],
  'a media type that is none': [requestBytes('POST /customer', { ...mine, 'content-type': 'x' }, '{}'), [415]],
  'two lengths': [requestBytes('POST /customer', { ...mine, 'content-length': '5', 'Content-Length ': '6' }), [400]],
  'a length and chunks': [requestBytes('POST /customer', { ...mine, 'content-length': '5', 'transfer-encoding': 'chunked' }) + '0\r\n\r\n', [400]],
  'a folded header': [requestBytes('GET /customer', { authorization: `Bearer\r\n ${tokenOf('profile')}` }), [400]],
  'a space before the colon': [requestBytes('GET /customer', { 'authorization ': mine.authorization }), [400]],
  'a token of 9,000 characters': [requestBytes('GET /customer', bearer('x'.repeat(9000))), [401]],
  'a token of 20,000 characters': [requestBytes('GET /customer', bearer('x'.repeat(20_000))), [431]],
  'no Host': [Buffer.from(`GET /customer HTTP/1.1\r\nconnection: close\r\nauthorization: ${mine.authorization}\r\n\r\n`), [400]],
  'a path without a route, without a token': [requestBytes('GET /nowhere'), [404]],
  'a bad body to no route': [requestBytes('POST /nowhere', { 'content-type': 'application/json' }, '{'), [400]]
}

for (const [what, [bytes, statuses]] of Object.entries(CLIENTS)) {
  t.test(`${what} → ${statuses.join(', ')}`, async t => {
    const raw = await rawRequest(app, bytes)
    t.notMatch(raw, SECRET)
    t.notMatch(raw, JANE.address.city)
    const head = bytes.toString().startsWith('HEAD')
    const answers = head ? [{ status: Number(raw.slice(9, 12)), head: raw, body: '' }] : answersIn(raw)
    t.strictSame(answers.map(({ status }) => status), statuses)
    for (const { status, body } of answers) {
      if (status === 200) t.equal(body, OF_PROFILE)
      else if (body !== '') t.notMatch(body, /"(?:name|age|id)"/)
    }
  })
}

t.test('HTTP/1.0 → the view, and the connection ends', async t => {
  const raw = await rawRequest(app, `GET /customer HTTP/1.0\r\nauthorization: ${mine.authorization}\r\n\r\n`)
  t.ok(raw.endsWith(`\r\n\r\n${OF_PROFILE}`), raw)
})

t.test('a client that goes away before the answer, or in its middle → no harm to others', async t => {
  const { port } = app.server.address() as { port: number }
  for (const path of ['/customer', '/blocked', '/stream']) {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.write(get(path, { connection: 'keep-alive' }))
    socket.resetAndDestroy()
    await once(socket, 'close')
  }
  t.equal(answersIn(await rawRequest(app, get('/customer')))[0]!.body, OF_PROFILE)
})

t.test('the log after all that → no withheld value, no token', async t => {
  t.notMatch(log.text(), SECRET)
  t.notMatch(log.text(), /eyJ/)
})
