import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyServerOptions, type InjectOptions } from 'fastify'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import type { GuardedRequestEvent } from '../../lib/audit/event.js'
import type { ObservedEvent } from '../../lib/observe/observed-event.js'
import { factsOf } from '../../lib/report/facts.js'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import { rawRequest, requestBytes } from './raw-request.js'
import { ALL, bearer, bootFaults, customerRoute, Customer, guardedApp, isRefusal, JANE, SECRET, tokenOf, type Setting } from './resource-guard-app.js'

/** Routes that are only observed: their answers are those of the application alone, and the log says what would be otherwise. */

const DAY = 24 * 60 * 60 * 1000
const day = (days: number) => new Date(Date.now() + days * DAY).toISOString().slice(0, 10)
const UNTIL = day(30)
const observed: Setting = { options: { observe: { until: UNTIL } } }

const Bare = Type.Object({ id: Type.String(), name: Type.String(), iban: Type.String() })
const { id, name } = JANE
const ROW = { id, name, iban: SECRET, undeclared: 'x' }

/** Says that this time has come, as long as the test runs. */
function comes (t: Test, time: number): void {
  const { now } = Date
  t.teardown(() => { Date.now = now })
  Date.now = () => time
}

function linesOf ({ log }: { readonly log: { lines (): readonly object[] } }) {
  return log.lines().filter((line): line is Record<string, unknown> => (line as { keyhole?: string }).keyhole === 'observe')
}

/** What is told of requests: client, names and how often. */
function toldBy (guarded: Parameters<typeof linesOf>[0]) {
  return linesOf(guarded).filter(({ clientId }) => clientId !== undefined).map(({ route, withheld, refused, times, msg }) => ({ route, withheld, refused, times, msg }))
}

/** Routes of a plain application, with and without schemas, that answer in all kinds of ways. */
function plainRoutes (api: FastifyInstance): void {
  const schema = { response: { 200: Bare } }
  api.get('/schema', { schema }, async () => ROW)
  api.get('/list', { schema: { response: { '2xx': Type.Array(Bare) } } }, async () => [ROW, ROW])
  api.get('/no-schema', async () => ROW)
  api.get('/text', async (_request, reply) => reply.type('text/csv').send(`iban;${SECRET}`))
  api.get('/buffer', async () => Buffer.from(SECRET))
  api.get('/stream', async (_request, reply) => reply.type('text/plain').send(Readable.from([SECRET])))
  api.get('/empty', async (_request, reply) => reply.code(204).send())
  api.get('/redirect', async (_request, reply) => reply.redirect('/schema'))
  api.get('/not-modified', { schema }, async (_request, reply) => reply.code(304 as never).send())
  api.get('/headers', { schema }, async (_request, reply) => reply.header('cache-control', 'public, max-age=60').header('x-iban', SECRET).send(ROW))
  api.get('/vendor', { schema: { response: { 200: { content: { 'application/vnd.customer+json': { schema: Bare } } } } } }, async (_request, reply) => reply.type('application/vnd.customer+json').send(ROW))
  api.get('/throws', { schema }, async () => { throw new Error(SECRET) })
  api.get('/conflict', { schema: { response: { 409: Type.Object({ message: Type.String() }) } } }, async () => { throw Object.assign(new Error(SECRET), { statusCode: 409, code: 'TAKEN' }) })
  api.get('/teapot', async (_request, reply) => reply.code(418).send({ error: 'teapot', iban: SECRET }))
  api.get('/typed-error', { schema: { response: { 422: { content: { 'application/problem+json': { schema: Type.Object({ title: Type.String() }) } } } } } }, async () => { throw Object.assign(new Error(SECRET), { statusCode: 422 }) })
  api.get('/handled', { errorHandler: (error, _request, reply) => { reply.code(400).send({ problem: error.message }) } }, async () => { throw new Error(SECRET) })
  api.get('/does-not-fit', { schema }, async () => ({ id: '1' }))
  api.get('/query', { schema: { querystring: Type.Object({ sort: Type.Optional(Type.String()) }) } }, async request => ({ query: request.query }))
  api.post('/body', { schema: { body: Bare } }, async request => ({ body: request.body }))
  api.post('/any-body', async request => ({ body: request.body }))
  api.get('/own-serializer', { schema, serializerCompiler: () => JSON.stringify }, async () => ROW)
  api.get('/reply-serializer', async (_request, reply) => reply.serializer(() => SECRET).send(ROW))
  api.get('/trailer', async (_request, reply) => reply.trailer('x-iban', async () => SECRET).send(ROW))
}

const REQUESTS: InjectOptions[] = [
  ...['/schema', '/list', '/no-schema', '/text', '/buffer', '/stream', '/empty', '/redirect', '/not-modified', '/headers', '/vendor', '/throws', '/conflict', '/teapot', '/typed-error',
    '/handled', '/does-not-fit', '/query', '/query?sort=iban&other=1', '/own-serializer', '/reply-serializer', '/trailer', '/nowhere'].map(url => ({ url })),
  { method: 'HEAD', url: '/schema' },
  { method: 'POST', url: '/body', payload: ROW },
  { method: 'POST', url: '/body', payload: { id: 1 } },
  { method: 'POST', url: '/body', payload: '{', headers: { 'content-type': 'application/json' } },
  { method: 'POST', url: '/any-body', payload: { a: 1 } },
  { method: 'POST', url: '/any-body', payload: 'text', headers: { 'content-type': 'text/plain' } }
]

/** What the same routes answer without a guard. */
async function plainApp (t: Test, before: (app: FastifyInstance) => unknown = () => {}, server: FastifyServerOptions = {}): Promise<FastifyInstance> {
  const app = Fastify(server) as unknown as FastifyInstance
  t.teardown(() => app.close())
  await before(app)
  app.register(async api => plainRoutes(api))
  await app.ready()
  return app
}

async function answer (app: FastifyInstance, request: InjectOptions) {
  const { statusCode, headers: { date, ...headers }, payload, trailers } = await app.inject({ ...request, headers: { ...request.headers, ...bearer(tokenOf()) } })
  return { statusCode, headers, payload, trailers }
}

const APPLICATIONS: Record<string, readonly [(app: FastifyInstance) => unknown, FastifyServerOptions?]> = {
  'as it is': [() => {}],
  'with an error handler': [app => app.setErrorHandler((error: Error, _request, reply) => { reply.code(500).send({ failed: error.message }) })],
  'with a serializer compiler': [app => app.setSerializerCompiler(() => value => `own ${JSON.stringify(value)}`)],
  'with a reply serializer': [app => app.setReplySerializer(value => `reply ${JSON.stringify(value)}`)],
  'with hooks': [app => {
    app.addHook('preSerialization', async (_request, _reply, payload) => ({ ...payload as object, id: 'hooked' }))
    app.addHook('onSend', async (_request, reply, payload) => { reply.header('x-hooked', '1'); return payload })
  }],
  'with serializer options': [() => {}, { serializerOpts: { rounding: 'ceil' } }]
}

for (const [what, [before, server]] of Object.entries(APPLICATIONS)) {
  t.test(`an application ${what} → each answer to a token is what it is without the guard, headers included`, async t => {
    const plain = await plainApp(t, before, server)
    const { app } = await guardedApp(t, plainRoutes, { ...observed, before, server: { ...server } })
    for (const request of REQUESTS) {
      t.strictSame(await answer(app, request), await answer(plain, request), `${request.method ?? 'GET'} ${request.url as string}`)
    }
  })
}

t.test('over a socket → the same bytes of status, headers and body as without the guard, but for the date', async t => {
  const plain = await plainApp(t)
  const { app } = await guardedApp(t, plainRoutes, observed)
  for (const each of [plain, app]) await each.listen({ host: '127.0.0.1', port: 0 })
  for (const { url, method = 'GET' } of REQUESTS.filter(({ payload }) => payload === undefined)) {
    const asked = requestBytes(`${method} ${url as string}`, bearer(tokenOf()))
    const [ours, theirs] = [await rawRequest(app, asked), await rawRequest(plain, asked)].map(answer => answer.replace(/\r\nDate: [^\r]*/i, ''))
    t.equal(ours, theirs, `${method} ${url as string}`)
    t.match(ours, /^HTTP\/1\.1 \d{3} /)
  }
})

t.test('no token, a bad one, another scope → refused as ever, to be kept by nobody', async t => {
  const { app, get } = await guardedApp(t, api => {
    api.get('/', { config: { keyhole: { scope: 'banking' } } }, async () => ROW)
  }, observed)
  isRefusal(t, await get('/', null), 401, 'Bearer')
  isRefusal(t, await app.inject({ url: '/', headers: bearer('x.y.z') }), 401, /invalid_token/)
  isRefusal(t, await get('/', 'profile'), 403, /scope="banking"/)
  t.equal((await get('/', 'banking')).statusCode, 200)
})

t.test('what would be withheld → told by name for the client, of what is really there; never a value', async t => {
  const Item = Type.Object({ price: claimSet('banking_claims', Type.Number()), label: Type.String(), note: Type.Optional(Type.String()) })
  const events: ObservedEvent[] = []
  const guarded = await guardedApp(t, api => {
    customerRoute()(api)
    api.get('/items', { schema: { response: { 200: Type.Object({ items: Type.Array(Item), by: claimSet('address_claims', Type.Record(Type.String(), Type.String())) }) } } }, async () => ({ items: [{ price: 1, label: SECRET }], by: { [SECRET]: 'x' } }))
    api.get('/opaque', { schema: { response: { 200: Type.Object({ id: claimSet(ANY_TOKEN, Type.String()), any: Type.Any() }) } } }, async () => ({ id, any: { iban: SECRET } }))
    plainRoutes(api)
  }, { ...observed, options: { ...observed.options, onObserved: event => { events.push(event) } } })

  await guarded.get('/customer', 'profile')
  await guarded.get('/customer', ALL)
  await guarded.get('/items', 'banking')
  await guarded.get('/opaque', ALL)
  for (const url of ['/no-schema', '/text', '/stream', '/empty', '/redirect', '/not-modified', '/throws', '/teapot', '/handled', '/schema']) await guarded.get(url, ALL)
  const told = (route: string, ...withheld: string[]) => ({ route: `GET ${route}`, withheld, refused: undefined, times: 1, msg: 'would be withheld' })
  t.strictSame(toldBy(guarded), [
    told('/customer', 'address.street', 'address.city', 'banking.iban', 'banking.balance'),
    told('/items', 'items.*.label', 'by.*'),
    ...['/opaque', '/no-schema', '/text', '/stream'].map(route => told(route, '(the whole value)')),
    told('/teapot', '(error)'),
    told('/handled', '(error)'),
    told('/schema', 'id', 'name', 'iban')
  ])
  t.strictSame(events.map(({ route, withheld, refused, times }) => ({ route, withheld, refused: undefined, times, msg: 'would be withheld', ...(refused.length > 0 && { refused }) })), toldBy(guarded))
  t.ok(events.every(event => event.clientId === 'crm' && Object.isFrozen(event)))
  t.notMatch(linesOf(guarded).map(line => JSON.stringify(line)).join(), SECRET)
})

t.test('an answer that hooks of the application have made into something else → names of the schema', async t => {
  const before = (app: FastifyInstance) => { app.addHook('onSend', async (_request, _reply, payload) => Buffer.from(String(payload))) }
  const guarded = await guardedApp(t, api => {
    customerRoute()(api)
    plainRoutes(api)
  }, { ...observed, before })
  for (const url of ['/customer', '/teapot']) await guarded.get(url, 'profile')
  const own = await guardedApp(t, customerRoute(), { ...observed, before: app => app.setSerializerCompiler(() => () => 'no JSON') })
  t.equal((await own.get('/customer', 'profile')).payload, 'no JSON')
  const handled = await guardedApp(t, plainRoutes, {
    ...observed,
    before: app => app.setErrorHandler((_error, _request, reply) => { reply.code(500).send({ statusCode: 500, error: 'Internal Server Error', message: 'Internal Server Error' }) })
  })
  t.equal((await handled.get('/throws', 'profile')).statusCode, 500)
  t.strictSame([toldBy(guarded).map(({ withheld }) => withheld), toldBy(own), toldBy(handled)], [[['address.street', 'address.city', 'banking.iban', 'banking.balance'], ['(error)']], [], []])
})

t.test('a hook that throws → logged, the answer is as ever', async t => {
  const guarded = await guardedApp(t, customerRoute(), { options: { ...observed.options, onObserved: () => { throw new Error('metrics are away') } } })
  t.strictSame((await guarded.get('/customer', 'profile')).json(), JANE)
  t.match(guarded.log.lines().filter(({ level }) => level === 50), [{ msg: 'onObserved failed', err: { message: 'metrics are away' } }])
})

t.test('the same again → counted, and told once more when the application is closed', async t => {
  const guarded = await guardedApp(t, customerRoute(), observed)
  for (let round = 0; round < 5; round++) await guarded.get('/customer', 'banking profile address')
  t.strictSame(toldBy(guarded), [])
  for (let round = 0; round < 5; round++) await guarded.get('/customer', 'profile')
  await guarded.app.close()
  t.strictSame(toldBy(guarded).map(({ times }) => times), [1, 4])
})

t.test('bodies: what has a claim set is written with the right to it alone; what has none, or is not declared, is accepted and told', async t => {
  const Change = Type.Object({ name: Type.Optional(claimSet('profile_claims', Type.String())), nickname: Type.Optional(Type.String()) })
  const guarded = await guardedApp(t, api => {
    api.post('/', { schema: { body: Type.Object({ change: Change, list: Type.Optional(Type.Array(Change)) }) } }, async request => request.body)
    api.post('/none', async request => request.body)
  }, observed)
  const post = (payload: object, scope: string, url = '/') => guarded.get(url, scope, { method: 'POST', payload })
  isRefusal(t, await post({ change: { name: 'x' } }, 'profile'), 403, /scope="profile:write"/)
  isRefusal(t, await post({ change: {}, list: [{ nickname: 'y' }, { name: 'x' }] }, 'profile'), 403, /scope="profile:write"/)
  t.strictSame(toldBy(guarded), [])
  const everything = { change: { name: 'x', nickname: 'y' }, [SECRET]: 1 }
  t.strictSame((await post(everything, 'profile:write')).json(), everything)
  t.strictSame((await post({ change: { nickname: 'y' } }, '')).json(), { change: { nickname: 'y' } })
  t.strictSame((await post([1], '', '/none')).json(), [1])
  t.strictSame(toldBy(guarded).filter(({ refused }) => refused !== undefined).map(({ route, refused, msg }) => [route, refused, msg]), [
    ['POST /', ['body.*'], 'would be refused'],
    ['POST /none', ['body'], 'would be refused']
  ])
})

t.test('queries: all of it reaches the handler; what would not is told', async t => {
  const querystring = Type.Object({ page: Type.Optional(Type.String()), iban: Type.Optional(claimSet('banking_claims', Type.String())) })
  const guarded = await guardedApp(t, api => {
    api.get('/', { schema: { querystring, response: { 200: claimSet(ANY_TOKEN, Type.Object({ query: Type.Record(Type.String(), Type.String()) })) } } }, async request => ({ query: request.query }))
  }, observed)
  t.strictSame((await guarded.get('/?page=2&iban=x', 'banking')).json(), { query: { page: '2', iban: 'x' } })
  t.strictSame(toldBy(guarded), [])
  t.strictSame((await guarded.get(`/?page=2&iban=x&${SECRET}=1&more=2`, 'profile')).json(), { query: { page: '2', iban: 'x', [SECRET]: '1', more: '2' } })
  t.strictSame(toldBy(guarded).map(({ refused, msg }) => [refused, msg]), [[['query.*', 'query.iban'], 'would be refused']])
})

t.test('what is not classified → a warning at boot in the same words that stop the boot without observing', async t => {
  const routes = (api: FastifyInstance) => {
    api.get('/customers/:id', { schema: { response: { 200: Type.Object({ nickname: Type.String(), any: Type.Any(), typo: claimSet('bankng_claims', Type.String()) }) } } }, async () => ({}))
    api.post('/customers', { schema: { body: Bare } }, async () => ({}))
    api.get('/own', { schema: { response: { 200: Bare } }, serializerCompiler: () => JSON.stringify }, async () => ROW)
  }
  const faults = await bootFaults(t, routes)
  t.ok(faults.length > 3)
  const guarded = await guardedApp(t, routes, observed)
  t.strictSame(linesOf(guarded).map(({ level, msg }) => [level, msg]), faults.map(fault => [40, fault]))
})

t.test('boot faults → readable as a list too', async t => {
  const error = await guardedApp(t, api => { api.get('/', { schema: { response: { 200: Bare } } }, async () => ROW) }).catch((error: unknown) => error)
  t.match(error, { code: 'FST_KEYHOLE_ROUTE_INVALID', faults: [/^GET \/, response 200: no claim set on \/id, \/name, \/iban/] })
})

t.test('what is wrong with config.keyhole → stops the boot, observing or not', async t => {
  t.match(await bootFaults(t, api => {
    api.get('/1', { config: { keyhole: { scope: 'bankng' } } }, async () => ({}))
    api.get('/2', { config: { keyhole: { observe: { until: day(-1) } } } }, async () => ({}))
    api.get('/3', { config: { keyhole: { observe: { until: 'soon' } } } }, async () => ({}))
    api.get('/4', { config: { keyhole: { public: true, observe: { until: UNTIL } } } }, async () => ({}))
    api.get('/5', { websocket: true } as object, async () => ({}))
  }, observed), [
    /^GET \/1, config\.keyhole: unknown scope bankng/,
    /^GET \/2, config\.keyhole: observe\.until: .* is past/,
    /^GET \/3, config\.keyhole: observe\.until: write a day/,
    /^GET \/4, config\.keyhole: of a public route there is nothing to observe/,
    /^GET \/5, websocket: /
  ])
})

t.test('a date that is past, or no date, as option of the guard → no boot, by the name of the option', async t => {
  for (const observe of [{ until: day(-1) }, { until: '2027-02-30' }, { until: day(400) }, true, {}]) {
    await t.rejects(guardedApp(t, customerRoute(), { options: { observe } as object }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^observe/ }, JSON.stringify(observe))
  }
  await t.rejects(guardedApp(t, customerRoute(), { options: { onObserved: true } as object }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^onObserved: write a function/ })
})

t.test('observe of one route → that route alone, known to reports', async t => {
  const { app, get } = await guardedApp(t, api => {
    api.get('/observed', { schema: { response: { 200: Bare } }, config: { keyhole: { observe: { until: UNTIL } } } }, async () => ROW)
    customerRoute()(api)
  })
  t.strictSame((await get('/observed')).json(), { id, name, iban: SECRET })
  const enforced = await get('/customer')
  t.strictSame(enforced.json(), { id })
  t.equal(enforced.headers['cache-control'], 'no-store')
  t.strictSame(factsOf(app.server)[0]!.routes().map(({ name, observing }) => [name, observing]), [['GET /observed', UNTIL], ['GET /customer', undefined]])
})

t.test('the end of the last day comes while it runs → everything is enforced; what has no claim set is withheld, what cannot be taken apart as a whole', async t => {
  const { app, get } = await guardedApp(t, api => {
    customerRoute()(api)
    plainRoutes(api)
    api.get('/partly', { schema: { response: { 200: Type.Object({ id: claimSet(ANY_TOKEN, Type.String()), iban: Type.String(), typo: claimSet('bankng_claims', Type.String()) }) } } }, async () => ({ id, iban: SECRET, typo: SECRET }))
    api.get('/opaque', { schema: { response: { 200: Type.Object({ id: claimSet(ANY_TOKEN, Type.String()), any: Type.Any() }) } } }, async () => ({ id, any: SECRET }))
    api.get('/raw', { config: { keyhole: { release: { raw: 'a file' } } } }, async () => SECRET)
    api.post('/write', { schema: { body: Type.Object({ nickname: Type.String() }) } }, async (_request, reply) => reply.code(204).send())
  }, observed)
  t.equal((await get('/raw')).headers['cache-control'], undefined)
  const end = Date.parse(`${UNTIL}T00:00:00Z`) + DAY
  comes(t, end - 1)
  t.strictSame((await get('/customer')).json(), JANE)
  comes(t, end)
  const customer = await get('/customer', 'profile')
  t.strictSame(customer.json(), { id, name, age: JANE.age })
  t.equal(customer.headers['cache-control'], 'no-store')
  t.strictSame((await get('/partly', ALL)).json(), { id })
  t.strictSame((await get('/opaque', ALL)).json(), {})
  t.strictSame((await get('/schema', ALL)).json(), {})
  t.strictSame((await get('/list', ALL)).json(), [])
  for (const url of ['/no-schema', '/text', '/buffer', '/stream', '/vendor', '/own-serializer', '/reply-serializer', '/trailer', '/headers', '/throws', '/conflict', '/teapot', '/typed-error', '/handled', '/query']) {
    const { statusCode, payload, headers } = await get(url, ALL)
    t.notMatch(payload, SECRET, url)
    t.match(headers['cache-control'], 'no-store', `${url} ${statusCode}`)
  }
  t.strictSame((await get('/conflict', ALL)).json(), {})
  t.strictSame((await get('/throws', ALL)).json(), { statusCode: 500, error: 'Internal Server Error', message: 'Internal Server Error' })
  t.equal((await get('/raw')).headers['cache-control'], 'no-store')
  isRefusal(t, await get('/customer', null), 401, 'Bearer')
  isRefusal(t, await get('/write', ALL, { method: 'POST', payload: { nickname: 'x' } }), 403, /insufficient_scope/)
  t.equal((await get('/any-body', ALL, { method: 'POST', payload: { a: 1 } })).statusCode, 415)
  t.equal((await app.inject({ url: '/customer', headers: bearer(tokenOf('profile')) })).statusCode, 200)
})

t.test('a request that is under way when the day ends → ends as it began', async t => {
  let goOn = () => {}
  let arrived = () => {}
  const isThere = new Promise<void>(resolve => { arrived = resolve })
  const { get } = await guardedApp(t, api => {
    api.get('/slow', { schema: { response: { 200: Customer } } }, async () => {
      arrived()
      await new Promise<void>(resolve => { goOn = resolve })
      return JANE
    })
  }, observed)
  const slow = get('/slow', 'profile')
  await isThere
  comes(t, Date.parse(`${UNTIL}T00:00:00Z`) + DAY)
  goOn()
  const { statusCode, payload } = await slow
  t.equal(statusCode, 200)
  t.strictSame(JSON.parse(payload), { id }, 'or with less: nobody is asked there what the token may see')
})

t.test('request.keyhole of an observed request → what the token may see; a stream is released already', async t => {
  const { get } = await guardedApp(t, api => {
    api.get('/', { schema: { response: { 200: Customer } } }, async request => {
      t.strictSame(request.keyhole.withheld, ['address.street', 'address.city', 'banking.iban', 'banking.balance'])
      t.ok(request.keyhole.can('profile'))
      return JANE
    })
    api.get('/stream', { schema: { response: { 200: Type.Array(Customer) } } }, async request => request.keyhole.stream([JANE]))
  }, observed)
  t.strictSame((await get('/', 'profile')).json(), JANE)
  const streamed = await get('/stream', 'profile')
  t.strictSame(streamed.json(), [{ id, name, age: JANE.age }])
  t.equal(streamed.headers['cache-control'], 'no-store')
})

t.test('audit events of observed requests → say so, with no names', async t => {
  const events: GuardedRequestEvent[] = []
  const { get } = await guardedApp(t, customerRoute(), { options: { ...observed.options, audit: { log: false, hook: event => { events.push(event) } } } })
  await get('/customer', 'profile')
  await get('/customer', null)
  t.match(events, [{ outcome: 'observed', released: [], withheld: [] }, { outcome: 'refused' }])
})
