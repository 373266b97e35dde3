import { Readable } from 'node:stream'
import { connect } from 'node:http2'
import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { bearer, Customer, guardedApp, JANE, SECRET, tokenOf, type GuardedApp } from './resource-guard-app.js'

/** What the guard says in the log, at the level trace, and what it never says. */

const CURES = {
  body: 'a body that the guard did not release was withheld. Send a plain value that the route has a JSON response schema for at this status, or opt out with config.keyhole.release: { raw: reason }.',
  trailer: 'trailers do not leave a guarded route. Put the value into the response schema.',
  'early hints': 'early hints do not leave a guarded route.',
  'server push': 'a guarded route does not push.',
  'shared cache': 'Cache-Control, or a header that caches obey in its stead, lets a shared cache keep an answer that belongs to one token. Use private or no-store.',
  head: 'the head of the answer could not be sent: a header has a value that is not allowed.'
}

class CustomerRow { iban = SECRET }

function blockedIn ({ log }: GuardedApp) {
  return log.lines().filter(({ blocked }) => blocked !== undefined).map(({ level, blocked, route, status, payload, msg }) => ({ level, blocked, route, status, payload, msg }))
}

/** What is logged of a handler's answer on `GET /customers/:id`. */
async function logged (t: Parameters<typeof guardedApp>[0], handler: (reply: FastifyReply) => unknown) {
  const guarded = await guardedApp(t, api => {
    api.get('/customers/:id', { schema: { response: { 200: Customer } } }, (_request, reply) => { handler(reply) })
  })
  await guarded.get(`/customers/${SECRET.slice(0, 5)}?iban=1`, 'profile')
  t.notMatch(guarded.log.text(), SECRET)
  t.notMatch(guarded.log.text(), /eyJ/)
  return blockedIn(guarded)
}

t.test('a body that was held back → logged with the route, the status, its kind and the cure, never with what was in it', async t => {
  const bodies: Record<string, readonly [(reply: FastifyReply) => unknown, number, string]> = {
    text: [reply => reply.send(SECRET), 200, 'string'],
    bytes: [reply => reply.send(Buffer.from(SECRET)), 200, 'Buffer'],
    'a typed array': [reply => reply.hijack().raw.end(new TextEncoder().encode(SECRET)), 200, 'Uint8Array'],
    'a stream': [reply => reply.send(Readable.from([SECRET])), 200, 'string'],
    'an object of a class': [reply => reply.code(201).send(new CustomerRow()), 201, 'CustomerRow'],
    'a plain object': [reply => reply.code(202).send({ [SECRET]: SECRET }), 202, 'Object'],
    'an object without a prototype': [reply => reply.code(203).send(Object.assign(Object.create(null) as object, { SECRET })), 203, 'object'],
    'a list': [reply => reply.code(206).send([SECRET]), 206, 'Array'],
    null: [reply => reply.code(206).send(null), 206, 'null'],
    'a number': [reply => reply.code(206).send(1234), 206, 'number'],
    'an object of another media type': [reply => reply.type('text/csv').send(JANE), 200, 'Object']
  }
  for (const [what, [handler, status, payload]] of Object.entries(bodies)) {
    t.strictSame(await logged(t, handler), [{ level: 50, blocked: 'body', route: 'GET /customers/:id', status, payload, msg: CURES.body }], what)
  }
})

t.test('everything else that was held back → logged likewise', async t => {
  const others: Record<string, readonly [keyof typeof CURES, (reply: FastifyReply) => unknown]> = {
    'a trailer': ['trailer', reply => reply.trailer('x-iban', async () => SECRET).send(JANE)],
    'early hints': ['early hints', reply => { reply.writeEarlyHints({ link: SECRET }); reply.send(JANE) }],
    'a shared cache': ['shared cache', reply => reply.header('cache-control', 'public').send(JANE)],
    'a header': ['head', reply => reply.header('x-iban', `${SECRET}\r\n`).send(JANE)]
  }
  for (const [what, [blocked, handler]] of Object.entries(others)) {
    t.strictSame(await logged(t, handler), [{ level: 50, blocked, route: 'GET /customers/:id', status: 200, payload: undefined, msg: CURES[blocked] }], what)
  }
})

t.test('a pushed answer → logged likewise', async t => {
  const guarded = await guardedApp(t, api => {
    api.get('/', { schema: { response: { 200: Customer } } }, async (_request, reply) => {
      (reply.raw as unknown as { createPushResponse (headers: object, callback: () => void): void }).createPushResponse({ ':path': SECRET }, () => {})
      return JANE
    })
  }, { server: { http2: true } as object })
  await guarded.app.listen({ port: 0, host: '127.0.0.1' })
  const session = connect(`http://127.0.0.1:${(guarded.app.server.address() as { port: number }).port}`)
  const stream = session.request({ ':path': '/', ...bearer(tokenOf('profile')) }).resume()
  await once(stream, 'close')
  session.close()
  t.strictSame(blockedIn(guarded), [{ level: 50, blocked: 'server push', route: 'GET /', status: 200, payload: undefined, msg: CURES['server push'] }])
  t.notMatch(guarded.log.text(), SECRET)
})

t.test('all that goes right, and all that a client does wrong → nothing above info, no token, no value', async t => {
  const { app, get, log } = await guardedApp(t, api => {
    api.post('/customers', { schema: { body: Customer, querystring: Type.Object({}), response: { 200: Customer } }, config: { keyhole: { scope: 'profile' } } }, async () => JANE)
  })
  const post = (scope: string | null, payload: unknown, more = {}) => get('/customers', scope, { method: 'POST', payload: payload as object, ...more })
  await post('profile', {})
  await post('profile', { ...JANE, more: SECRET })
  await post('profile profile:write', { name: SECRET, age: SECRET })
  await post('address', JANE)
  await post(null, JANE)
  await post('profile', '{', { headers: { 'content-type': 'application/json' } })
  await post('profile', SECRET, { headers: { 'content-type': 'text/plain' } })
  for (const token of ['x.y.z', tokenOf('profile', { exp: 1 }), tokenOf('profile', { iss: SECRET })]) await app.inject({ method: 'POST', url: '/customers', headers: bearer(token) })
  t.notOk(log.lines().some(({ level }) => level > 30))
  t.notMatch(log.text(), SECRET)
  t.notMatch(log.text(), /eyJ/)
  t.match(log.lines().filter(({ msg }) => msg === 'access token refused').map(({ level, reason }) => [level, reason]), [[30, 'malformed'], [30, 'expired'], [30, 'issuer']])
})
