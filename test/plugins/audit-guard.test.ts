import { Type } from '@sinclair/typebox'
import type { FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import type { GuardedRequestEvent } from '../../lib/audit/event.js'
import { claimSet } from '../../lib/release/annotation.js'
import { rawRequest, requestBytes } from './raw-request.js'
import { ALL, bearer, Customer, guardedApp, JANE, SECRET, tokenOf } from './resource-guard-app.js'

/** An application whose answers are of every kind, and the events that it told of. */
async function auditedApp (t: Test) {
  const events: GuardedRequestEvent[] = []
  const guarded = await guardedApp(t, api => {
    api.get('/customers/:id', { schema: { response: { 200: Customer } } }, async () => JANE)
    api.get('/lists', { schema: { response: { 200: Type.Array(Customer), 404: Type.Object({ hint: claimSet('banking_claims', Type.String()) }) } } }, async (request, reply) => {
      if ('missing' in request.headers) return reply.code(404).send({ hint: SECRET } as never)
      return [JANE]
    })
    api.get('/scoped', { schema: { response: { 200: Customer } }, config: { keyhole: { scope: 'banking' } } }, async () => JANE)
    api.get('/nothing', { schema: { response: { 200: Customer } } }, async (_request, reply) => await (reply as FastifyReply).code(204).send())
    api.get('/string', { schema: { response: { 200: Customer } } }, async () => SECRET)
    api.get('/failing', { schema: { response: { 200: Customer } } }, async () => { throw Object.assign(new Error(SECRET), { code: SECRET }) })
    api.get('/unfit', { schema: { response: { 200: Customer } } }, async () => ({ ...JANE, age: {} }))
    api.get('/raw', { config: { keyhole: { release: { raw: 'a report' } } } }, async () => SECRET)
    api.get('/public', { config: { keyhole: { public: true } } }, async () => 'hello')
  }, { options: { audit: { hook: event => { events.push(event) } } } })
  return {
    ...guarded,
    events,
    async eventOf (url: string, scope: string | null = 'profile', headers: Record<string, string> = {}): Promise<GuardedRequestEvent> {
      events.length = 0
      await guarded.get(url, scope, { headers })
      t.equal(events.length, 1, url)
      return events[0]!
    }
  }
}

t.test('a released answer → who, which route, under which policy, and the names of what was released and what was not', async t => {
  const { eventOf, log } = await auditedApp(t)
  const event = await eventOf('/customers/c1?x=1')
  t.match(event, { time: Number, requestId: String, policy: /^sha256-/, clientId: String, subject: String, tokenId: String })
  const { time: _time, requestId: _requestId, policy: _policy, clientId: _clientId, subject: _subject, tokenId: _tokenId, ...rest } = event
  t.strictSame(rest, {
    type: 'guarded request',
    route: 'GET /customers/:id',
    status: 200,
    outcome: 'released',
    released: ['id', 'name', 'age'],
    masked: [],
    withheld: ['address.street', 'address.city', 'banking.iban', 'banking.balance']
  })
  t.strictSame(log.lines().filter(line => 'audit' in line).map(({ level, msg, audit }) => ({ level, msg, audit })), [{ level: 30, msg: 'guarded request', audit: event }])
})

t.test('each kind of answer → its outcome', async t => {
  const { eventOf } = await auditedApp(t)
  const none = { released: [], masked: [], withheld: [] }
  t.match(await eventOf('/lists', ALL), { outcome: 'released', withheld: [] })
  t.match(await eventOf('/lists', 'profile', { missing: '1' }), { outcome: 'failed', status: 404, released: [], withheld: ['hint'] })
  t.strictSame(outcome(await eventOf('/customers/c1', null)), { outcome: 'refused', status: 401, error: 'FST_KEYHOLE_TOKEN_MISSING', ...none })
  t.strictSame(outcome(await eventOf('/scoped')), { outcome: 'refused', status: 403, error: 'FST_KEYHOLE_INSUFFICIENT_SCOPE', ...none })
  t.strictSame(outcome(await eventOf('/nothing')), { outcome: 'empty', status: 204, ...none })
  t.strictSame(outcome(await eventOf('/string')), { outcome: 'blocked', status: 500, ...none })
  t.strictSame(outcome(await eventOf('/failing')), { outcome: 'failed', status: 500, ...none }, 'a code that may be a value is left out')
  t.match(await eventOf('/unfit'), { outcome: 'failed', status: 500, ...none })
  t.strictSame(outcome(await eventOf('/raw')), { outcome: 'raw', status: 200, ...none })
})

t.test('a refused token → no client, since nobody knows whose it is', async t => {
  const { eventOf } = await auditedApp(t)
  for (const authorization of ['Bearer x.y.z', 'Bearer', `Bearer ${tokenOf('profile', { client_id: 'crm' })}x`]) {
    const event = await eventOf('/customers/c1', null, { authorization })
    t.equal(event.outcome, 'refused')
    t.notOk('clientId' in event || 'subject' in event || 'tokenId' in event)
  }
})

t.test('A95 a path with escapes → the handler gets them decoded, event and log name the route as it was declared', async t => {
  const events: GuardedRequestEvent[] = []
  const params: unknown[] = []
  const { get, log } = await guardedApp(t, api => {
    api.get('/files/:name', { schema: { response: { 200: Customer } } }, async request => { params.push(request.params); return JANE })
  }, { options: { audit: { hook: event => { events.push(event) } } } })
  for (const path of ['%2e%2e%2fx', '%2E%2E%2Fx', '..%2fx']) t.equal((await get(`/files/${path}`)).statusCode, 200, path)
  t.same(params, Array(3).fill({ name: '../x' }))
  t.strictSame(events.map(({ route }) => route), Array(3).fill('GET /files/:name'))
  t.strictSame(log.lines().filter(line => 'audit' in line).map(({ audit }) => (audit as GuardedRequestEvent).route), Array(3).fill('GET /files/:name'))
})

t.test('public routes and what is not there → no event', async t => {
  const { get, events } = await auditedApp(t)
  await get('/public', null)
  await get('/nowhere')
  t.strictSame(events, [])
})

t.test('no event tells a value, a token or a URL', async t => {
  const { app, events, get } = await auditedApp(t)
  const token = tokenOf(ALL)
  for (const url of ['/customers/c1?q=Springfield', '/lists', '/string', '/failing', '/unfit', '/raw', '/scoped']) {
    await app.inject({ url, headers: bearer(token) })
    await get(url, 'profile')
  }
  const told = JSON.stringify(events)
  t.equal(events.length, 14)
  for (const value of [SECRET, JANE.name, JANE.address.city, '1234.5', token, token.split('.')[2]!, '?q']) t.notOk(told.includes(value), value)
})

t.test('request.keyhole.withheld → names of what the token does not see: before the answer of all of status 2xx, after it of that one', async t => {
  const seen: (readonly string[])[] = []
  const { get } = await guardedApp(t, api => {
    api.addHook('onResponse', async request => { seen.push(request.keyhole.withheld) })
    api.get('/customer', {
      schema: { response: { 200: Customer, '2xx': Type.Object({ code: claimSet('banking_claims', Type.String()) }), 404: Type.Object({ hint: claimSet('banking_claims', Type.String()) }) } }
    }, async request => {
      seen.push(request.keyhole.withheld)
      return JANE
    })
  })
  await get('/customer', 'profile address')
  t.strictSame(seen, [['banking.iban', 'banking.balance', 'code'], ['banking.iban', 'banking.balance']])
})

t.test('audit that is no audit → the boot stops', async t => {
  await t.rejects(guardedApp(t, () => {}, { options: { audit: { log: false } } }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^audit: / })
})

function outcome ({ outcome, status, error, released, masked, withheld }: GuardedRequestEvent) {
  return { outcome, status, ...(error !== undefined && { error }), released, masked, withheld }
}

t.test('requests over a socket, one after another → an event each', async t => {
  const events: GuardedRequestEvent[] = []
  const { app } = await guardedApp(t, api => {
    api.get('/customers/:id', { schema: { response: { 200: Customer } } }, async () => JANE)
  }, { options: { audit: { hook: event => { events.push(event) } } } })
  await app.listen({ host: '127.0.0.1', port: 0 })
  t.match(await rawRequest(app, requestBytes('GET /customers/c1', bearer(tokenOf('profile')))), /"age":41/)
  t.match(await rawRequest(app, requestBytes('GET /customers/c1')), /^HTTP\/1\.1 401 /)
  t.match(events, [
    { route: 'GET /customers/:id', status: 200, outcome: 'released', released: ['id', 'name', 'age'], clientId: String },
    { route: 'GET /customers/:id', status: 401, outcome: 'refused', error: 'FST_KEYHOLE_TOKEN_MISSING' }
  ])
  t.equal(events.length, 2)
  t.notMatch(JSON.stringify(events), SECRET)
})
