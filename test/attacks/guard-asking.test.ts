import { setTimeout } from 'node:timers/promises'
import type { FastifyInstance, FastifyRequest, RouteShorthandOptions } from 'fastify'
import fp from 'fastify-plugin'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import { ALL, bearer, Customer, guardedApp, isRefusal, JANE, SECRET, tokenOf } from '../plugins/resource-guard-app.js'

/** Ways to ask for more than a view, and ways of an application to answer with more. */

const CUSTOMER: RouteShorthandOptions = { schema: { response: { 200: Customer } } }
const OF_PROFILE = JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age })
const jane = async () => JANE

t.test('D7 hooks of the guard\'s context, of a plugin after it and of the route, in this order → the last word is the gate\'s', async t => {
  const more = async (_request: unknown, _reply: unknown, payload: unknown) => typeof payload === 'string' ? payload.replace('{', `{"iban":"${SECRET}",`) : { ...payload as object, iban: SECRET }
  const places: Record<string, (api: FastifyInstance, hook: 'onSend' | 'preSerialization') => unknown> = {
    context: (api, hook) => { api.addHook(hook as 'onSend', more); api.get('/', CUSTOMER, jane) },
    plugin: async (api, hook) => {
      await api.register(fp(async later => { later.addHook(hook as 'onSend', more) }))
      api.get('/', CUSTOMER, jane)
    },
    child: (api, hook) => api.register(async child => { child.addHook(hook as 'onSend', more); child.get('/', CUSTOMER, jane) }),
    route: (api, hook) => { api.get('/', { ...CUSTOMER, [hook]: more }, jane) }
  }
  for (const [where, place] of Object.entries(places)) {
    const replacing = await guardedApp(t, api => place(api, 'onSend'))
    const { statusCode, payload } = await replacing.get('/', 'profile')
    t.equal(statusCode, 500, where)
    t.notMatch(payload, SECRET, where)
    const extending = await guardedApp(t, api => place(api, 'preSerialization'))
    t.equal((await extending.get('/', 'profile')).payload, OF_PROFILE, where)
  }
})

t.test('D10 an error handler that answers with data → the view of its status', async t => {
  const { get } = await guardedApp(t, api => {
    api.setErrorHandler((_error, request, reply) => { reply.code(Number((request.params as { status: string }).status)).send(JANE) })
    api.get('/:status', { schema: { response: { 200: Customer, 409: Type.Pick(Customer, ['id', 'banking']) } } }, async () => { throw new Error(SECRET) })
  })
  t.equal((await get('/200', 'profile')).payload, OF_PROFILE)
  t.equal((await get('/409', 'profile')).payload, JSON.stringify({ id: JANE.id }))
  t.strictSame((await get('/404', 'profile')).json(), { statusCode: 404, error: 'Not Found', message: 'Not Found' })
  for (const status of [201, 302]) t.equal((await get(`/${status}`, 'profile')).statusCode, 500, String(status))
})

t.test('D14 headers of the handler → leave as they are, and are no part of an answer that is held back', async t => {
  const headers = { location: `/x?iban=${SECRET}`, link: `</${SECRET}>`, 'content-disposition': `attachment; filename="${SECRET}"`, 'set-cookie': `iban=${SECRET}`, 'x-iban': SECRET }
  const { get } = await guardedApp(t, api => {
    api.get('/released', CUSTOMER, async (_request, reply) => reply.headers(headers).send(JANE))
    api.get('/blocked', CUSTOMER, async (_request, reply) => reply.headers(headers).send(JSON.stringify(JANE)))
  })
  t.match((await get('/released', 'profile')).headers, headers)
  const blocked = await get('/blocked', 'profile')
  t.equal(blocked.statusCode, 500)
  t.notMatch(JSON.stringify(blocked.headers), SECRET)
})

t.test('D17 a route that asks another one with a token of its own → its answer is released again for the outer token', async t => {
  const { app, get } = await guardedApp(t, api => {
    api.get('/inner', CUSTOMER, jane)
    const inner = (request: FastifyRequest) => request.server.inject({ url: '/inner', headers: bearer(tokenOf(ALL)) })
    api.get('/value', CUSTOMER, async request => (await inner(request)).json())
    api.get('/text', CUSTOMER, async (request, reply) => reply.type('application/json').send((await inner(request)).payload))
    api.get('/bytes', CUSTOMER, async request => (await inner(request)).rawPayload)
  })
  t.equal((await app.inject({ url: '/inner', headers: bearer(tokenOf(ALL)) })).payload, JSON.stringify(JANE))
  t.equal((await get('/value', 'profile')).statusCode, 200)
  t.equal((await get('/value', 'profile')).payload, OF_PROFILE)
  for (const url of ['/text', '/bytes']) t.equal((await get(url, 'profile')).statusCode, 500, url)
})

t.test('D18 sent twice, returned after it was sent, the reply returned → one released body', async t => {
  const { get } = await guardedApp(t, api => {
    api.get('/twice', CUSTOMER, (_request, reply) => { reply.send(JANE); reply.send(JSON.stringify(JANE)) })
    api.get('/returned', CUSTOMER, async (_request, reply) => { reply.send(JANE); return { ...JANE, name: SECRET } })
    api.get('/reply', CUSTOMER, async (_request, reply) => { reply.send(JANE); return reply })
    api.get('/text-first', CUSTOMER, (_request, reply) => { reply.send(JSON.stringify(JANE)); reply.send(JANE) })
  })
  for (const url of ['/twice', '/returned', '/reply']) t.equal((await get(url, 'profile')).payload, OF_PROFILE, url)
  t.equal((await get('/text-first', 'profile')).statusCode, 500)
})

t.test('D19 a HEAD route of its own → never the length of the whole', async t => {
  const whole = JSON.stringify(JANE).length
  const { app } = await guardedApp(t, api => {
    api.head('/sends', CUSTOMER, async (_request, reply) => reply.header('content-length', whole).send(JANE))
    api.head('/nothing', CUSTOMER, async (_request, reply) => reply.header('content-length', whole).send())
    api.head('/missing', CUSTOMER, async (_request, reply) => reply.code(404).header('content-length', whole).send())
    api.head('/raw', CUSTOMER, (_request, reply) => { reply.hijack().raw.writeHead(200, { 'Content-Length': whole }).end() })
    api.head('/fine', CUSTOMER, async (_request, reply) => reply.send(JANE))
  })
  const head = (url: string) => app.inject({ method: 'HEAD', url, headers: bearer(tokenOf('profile')) })
  for (const url of ['/sends', '/nothing', '/missing', '/raw', '/fine']) t.not((await head(url)).headers['content-length'], String(whole), url)
  t.equal((await head('/fine')).headers['content-length'], String(OF_PROFILE.length))
  t.equal((await head('/missing')).statusCode, 404)
})

const Sorted = Type.Union([claimSet('profile_claims', Type.Literal('name')), claimSet('banking_claims', Type.Literal('balance'))])
const List = Type.Array(Customer)

t.test('D76 D80 a sort key, a group or an aggregate that can name a withheld field → 403 before the handler, whatever it names', async t => {
  let handled = 0
  const querystring = Type.Object({ sort: Type.Optional(Sorted), groupBy: Type.Optional(claimSet('banking_claims', Type.String())), sortByName: Type.Optional(claimSet('profile_claims', Type.Boolean())) })
  const { get } = await guardedApp(t, api => { api.get('/', { schema: { querystring, response: { 200: List } } }, async () => { handled++; return [JANE] }) })
  for (const query of ['sort=balance', 'sort=name', 'sort=-balance', 'sort=balance:desc', 'sort=name,balance', 'sort=name&sort=balance', 's%6Frt=balance', 'groupBy=balance', 'groupBy=']) isRefusal(t, await get(`/?${query}`, 'profile'), 403, /scope="banking"/, query)
  t.equal(handled, 0)
  for (const query of ['sortByName=true', 'orderBy=balance', 'order_by=balance', 'sort[]=balance', 'min=balance', 'distinct=balance', 'having=balance']) {
    const { statusCode, payload } = await get(`/?${query}`, 'profile')
    t.equal(statusCode, 200, query)
    t.equal(payload, `[${OF_PROFILE}]`, query)
  }
  t.equal((await get('/?sort=balance', 'profile banking')).statusCode, 200)
})

t.test('D79 lists of fields to show, empty, * or of withheld ones → at most the view', async t => {
  const querystring = Type.Object({ fields: Type.Optional(Type.String()), include: Type.Optional(Type.String()) })
  const { get } = await guardedApp(t, api => {
    api.get('/', { schema: { querystring, response: { 200: Type.Partial(Customer) } } }, async request => {
      const { fields } = request.query as { fields?: string }
      return fields === undefined || fields === '*' ? JANE : Object.fromEntries(Object.entries(JANE).filter(([name]) => fields.split(',').includes(name)))
    })
  })
  for (const [query, body] of [['', OF_PROFILE], ['?fields=*', OF_PROFILE], ['?fields=', '{}'], ['?fields=banking', '{}'], ['?fields=name,banking', '{"name":"Jane Doe"}'], ['?select=*&expand=banking&include=banking', OF_PROFILE]] as const) {
    t.equal((await get(`/${query}`, 'profile')).payload, body, query)
  }
})

t.test('D85 a query value that validation would change → refused by its name, before that', async t => {
  const querystring = Type.Object({ balance: Type.Optional(claimSet('banking_claims', Type.Integer())), active: Type.Optional(Type.Boolean()) })
  const seen: unknown[] = []
  const { get } = await guardedApp(t, api => { api.get('/', { schema: { querystring, response: { 200: Customer } } }, async request => { seen.push({ ...request.query as object }); return JANE }) })
  for (const value of ['', '1e9', 'on', 'null', '1&balance=2', '%00', '[]']) isRefusal(t, await get(`/?balance=${value}`, 'profile'), 403, /scope="banking"/, value)
  t.strictSame(seen, [])
  t.equal((await get('/?balance=1e3&active=true', 'banking')).statusCode, 200)
  t.strictSame(seen, [{ balance: 1000, active: true }], 'the handler sees what was validated')
})

t.test('D87 a path that names a field → the schema decides what leaves; who may ask takes a scope', async t => {
  const { get } = await guardedApp(t, api => {
    api.get('/customers/:id/:field', { schema: { response: { 200: Type.Partial(Customer) } } }, async request => {
      const { field } = request.params as { field: keyof typeof JANE }
      return { [field]: JANE[field] }
    })
    api.get('/by-iban/:iban', { ...CUSTOMER, config: { keyhole: { scope: 'banking' } } }, jane)
  })
  t.equal((await get('/customers/c1/name', 'profile')).payload, '{"name":"Jane Doe"}')
  for (const field of ['banking', 'address', '__proto__', 'constructor', 'unknown']) t.equal((await get(`/customers/c1/${field}`, 'profile')).payload, '{}', field)
  for (const iban of [SECRET, 'other']) isRefusal(t, await get(`/by-iban/${iban}`, 'profile'), 403, /scope="banking"/, iban)
})

t.test('D89 a body with GET, or with a method that may have one → not read, or governed like any', async t => {
  const seen: unknown[] = []
  const { get } = await guardedApp(t, api => {
    api.get('/', CUSTOMER, async request => { seen.push(request.body); return JANE })
    api.route({ method: 'SEARCH', url: '/', schema: { body: Type.Object({ iban: Type.Optional(claimSet('banking_claims', Type.String())), q: Type.Optional(claimSet(ANY_TOKEN, Type.String())) }), response: { 200: Customer } }, handler: jane })
  }, { before: app => { app.addHttpMethod('SEARCH', { hasBody: true }) } })
  const json = { 'content-type': 'application/json' }
  t.equal((await get('/', 'profile', { payload: '{"fields":["banking"]}', headers: json })).payload, OF_PROFILE)
  t.strictSame(seen, [undefined])
  const search = (payload: object, scope: string) => get('/', scope, { method: 'SEARCH' as never, payload, headers: json })
  isRefusal(t, await search({ iban: SECRET }, 'profile'), 403, /scope="banking:write"/)
  t.equal((await search({ where: { iban: SECRET } }, 'profile')).statusCode, 400)
  t.equal((await search({ q: 'Jane' }, 'profile')).payload, OF_PROFILE)
})

t.test('a handler that takes too long, and answers then → a closed 503, and nothing of the answer', async t => {
  const { get } = await guardedApp(t, api => {
    api.get('/', { ...CUSTOMER, handlerTimeout: 20 } as RouteShorthandOptions, async (request, reply) => {
      await new Promise(resolve => { (request as unknown as { signal: AbortSignal }).signal.addEventListener('abort', resolve) })
      await setTimeout(1)
      reply.raw.write(JSON.stringify(JANE))
      return JANE
    })
  })
  const { statusCode, payload } = await get('/', 'profile')
  t.equal(statusCode, 503)
  t.strictSame(Object.keys(JSON.parse(payload)), ['statusCode', 'code', 'error', 'message'])
})

t.test('the reply of an earlier request, written to from a later one → nothing', async t => {
  const earlier: { write (text: string): unknown, end (text: string): unknown }[] = []
  const { get } = await guardedApp(t, api => {
    api.get('/', CUSTOMER, async (_request, reply) => {
      for (const raw of earlier) { raw.write(JSON.stringify(JANE)); raw.end(JSON.stringify(JANE)) }
      earlier.push(reply.raw)
      return JANE
    })
  })
  for (let time = 0; time < 3; time++) t.equal((await get('/', 'profile')).payload, OF_PROFILE)
})

t.test('statuses without a body, sent with one → no body, and no length of it', async t => {
  const { get } = await guardedApp(t, api => {
    api.get('/:status', async (request, reply) => reply.code(Number((request.params as { status: string }).status)).send(JSON.stringify(JANE)))
  })
  for (const status of [204, 304]) {
    const { statusCode, payload, headers } = await get(`/${status}`, 'profile')
    t.ok([status, 500].includes(statusCode), String(status))
    t.notMatch(payload, SECRET, String(status))
    t.not(headers['content-length'], String(JSON.stringify(JANE).length), String(status))
  }
})
