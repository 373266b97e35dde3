import { Readable } from 'node:stream'
import Fastify, { type FastifyInstance, type FastifyReply, type RouteShorthandOptions } from 'fastify'
import fastifyJwt from '@fastify/jwt'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import resourceGuard from '../../plugins/resource-guard.js'
import { signingKeyOf } from '../../lib/keys/private-key.js'
import { openStore } from '../../lib/store/open-store.js'
import { keyPair } from '../access-token/forge.js'
import { ALL, ASKED, bearer, Customer, customerRoute, GUARD, guardedApp, isRefusal, JANE, KEY, POLICY, SECRET, tokenOf } from './resource-guard-app.js'

/** How a guarded answer is made, and what an application may do around it. */

const OF_PROFILE = { id: JANE.id, name: JANE.name, age: JANE.age }
const CUSTOMER: RouteShorthandOptions = { schema: { response: { 200: Customer } } }
const jane = async () => JANE

t.test('an answer by view → each field as its scopes say, byte for byte what the serializer writes of the rest', async t => {
  const { get } = await guardedApp(t, customerRoute())
  for (const [scope, body] of [
    ['', { id: JANE.id }],
    ['contact', { id: JANE.id, name: JANE.name }],
    ['profile', OF_PROFILE],
    ['profile address', { ...OF_PROFILE, address: JANE.address }],
    ['unknown constructor __proto__', { id: JANE.id }],
    ['profile:write banking:write', { id: JANE.id }],
    [ALL, JANE]
  ] as const) {
    const { payload, headers } = await get('/customer', scope)
    t.equal(payload, JSON.stringify(body), scope)
    t.equal(headers['content-type'], 'application/json; charset=utf-8')
    t.equal(headers['content-length'], String(Buffer.byteLength(payload)))
  }
})

t.test('request.keyhole → the token, its scopes, and whether it holds one, from the guard on', async t => {
  const seen: unknown[] = []
  const { app, get, log } = await guardedApp(t, api => {
    api.addHook('onRequest', async ({ keyhole }) => { seen.push([keyhole.token.sub, keyhole.scopes, keyhole.can('profile'), keyhole.can('banking'), keyhole.can('unknown')]) })
    api.get('/customer', CUSTOMER, async request => {
      seen.push(JSON.stringify(request.keyhole), { ...request.keyhole })
      request.log.info({ keyhole: request.keyhole }, 'the keyhole, logged')
      return JANE
    })
    api.get('/public', { config: { keyhole: { public: true } }, onRequest: async request => { seen.push(request.keyhole) } }, async () => 'open')
  }, { before: app => app.get('/outside', async request => String(request.keyhole)) })
  await get('/customer', 'profile unknown')
  t.strictSame(seen, [['crm', ['profile'], true, false, false], '{}', {}])
  t.ok(log.lines().some(({ msg }) => msg === 'the keyhole, logged'))
  t.notMatch(log.text(), /eyJ/)
  t.equal((await app.inject('/outside')).payload, 'undefined')
})

t.test('request.keyhole before there is a token → an error that says so', async t => {
  const errors: string[] = []
  const { get } = await guardedApp(t, api => {
    api.setErrorHandler((error, request, reply) => {
      for (const read of [() => request.keyhole.token, () => request.keyhole.scopes, () => request.keyhole.can('profile')]) {
        try { read() } catch (thrown) { errors.push((thrown as Error).message) }
      }
      reply.send(error)
    })
    customerRoute()(api)
  })
  isRefusal(t, await get('/customer', null), 401, ASKED)
  t.strictSame([...new Set(errors)], ['request.keyhole: there is no verified token. Read it after the guard, on routes that are not public.'])
  t.equal(errors.length, 3)
})

t.test('a request that is refused → no later onRequest hook, no parser, no handler', async t => {
  const ran: string[] = []
  const { app } = await guardedApp(t, api => {
    for (const hook of ['onRequest', 'preValidation', 'preHandler'] as const) api.addHook(hook, async () => { ran.push(hook) })
    api.addHook('preParsing', async (_request, _reply, payload) => { ran.push('preParsing'); return payload })
    api.post('/', { schema: { body: Customer } }, async () => { ran.push('handler') })
  })
  isRefusal(t, await app.inject({ method: 'POST', url: '/', payload: JANE }), 401, ASKED)
  t.strictSame(ran, [])
})

t.test('a public route → no token asked for, and its answers are its own', async t => {
  const open = { config: { keyhole: { public: true } } }
  const { app, get } = await guardedApp(t, api => {
    api.addSchema({ $id: 'Shared', type: 'object', properties: { iban: { type: 'string', claimSet: 'banking_claims' } } })
    api.get('/text', open, async () => 'text')
    api.get('/schema', { ...open, schema: { response: { 200: Customer } } }, jane)
    api.get('/shared', { ...open, schema: { response: { 200: { $ref: 'Shared#' } } } }, async () => ({ iban: SECRET, more: 1 }))
    api.get('/stream', open, async (_request, reply) => reply.header('cache-control', 'public, max-age=60').send(Readable.from(['a', 'b'])))
    api.get('/error', open, async () => { throw Object.assign(new Error('in the way'), { statusCode: 409 }) })
  })
  t.equal((await app.inject('/text')).payload, 'text')
  t.strictSame((await app.inject('/schema')).json(), JANE)
  t.strictSame((await app.inject('/shared')).json(), { iban: SECRET })
  const { payload, headers } = await app.inject('/stream')
  t.equal(payload, 'ab')
  t.equal(headers['cache-control'], 'public, max-age=60')
  t.strictSame((await app.inject('/error')).json(), { statusCode: 409, error: 'Conflict', message: 'in the way' })
  t.equal((await get('/text', 'profile')).payload, 'text', 'a token does no harm')
  t.equal((await app.inject({ url: '/text', headers: { authorization: 'Bearer x' } })).payload, 'text', 'nor does a bad one')
})

t.test('D21 a raw route → bodies as they are sent, for good tokens alone; its errors are closed', async t => {
  const raw = { config: { keyhole: { release: { raw: 'a report in CSV' }, scope: 'banking' } } }
  const Problem = Type.Object({ title: Type.String(), message: Type.Optional(Type.String()) })
  const failing = (error: object) => async () => { throw Object.assign(new Error(SECRET), error) }
  const { get } = await guardedApp(t, api => {
    api.get('/text', raw, async (_request, reply) => reply.type('text/csv').send(`iban\n${SECRET}`))
    api.get('/object', raw, jane)
    api.get('/schema', { ...raw, schema: { response: { 200: Type.Pick(Customer, ['banking']) } } }, jane)
    api.get('/stream', raw, async (_request, reply) => reply.header('cache-control', 'private').send(Readable.from(['a', 'b'])))
    api.get('/hijack', raw, async (_request, reply) => { reply.hijack().raw.end('raw') })
    api.get('/fails', raw, failing({}))
    api.get('/refuses', raw, failing({ statusCode: 409, code: 'TAKEN' }))
    api.get('/own', { ...raw, schema: { response: { '4xx': Problem, '5xx': { type: 'object', properties: { message: { type: 'string' }, stack: { type: 'string' } } } } } }, failing({ statusCode: 409 }))
    api.get('/own5', { ...raw, schema: { response: { '5xx': { type: 'object', properties: { message: { type: 'string' }, stack: { type: 'string' } } } } } }, failing({}))
    api.get('/sends', raw, async (_request, reply) => reply.code(404).send({ found: false, hint: 'elsewhere' }))
    api.get('/other', { schema: { response: { 200: Customer } } }, async () => JSON.stringify(JANE))
  })
  for (const url of ['/text', '/object', '/hijack']) {
    isRefusal(t, await get(url, null), 401, ASKED, url)
    isRefusal(t, await get(url, 'profile'), 403, /scope="banking"/, url)
  }
  t.equal((await get('/text', 'banking')).payload, `iban\n${SECRET}`)
  t.equal((await get('/text', 'banking')).headers['cache-control'], 'no-store')
  t.strictSame((await get('/object', 'banking')).json(), JANE)
  t.strictSame((await get('/schema', 'banking')).json(), { banking: JANE.banking })
  const stream = await get('/stream', 'banking')
  t.equal(stream.payload, 'ab')
  t.equal(stream.headers['cache-control'], 'private')
  t.equal((await get('/hijack', 'banking')).payload, 'raw')
  t.strictSame((await get('/fails', 'banking')).json(), { statusCode: 500, error: 'Internal Server Error', message: 'Internal Server Error' })
  t.strictSame((await get('/refuses', 'banking')).json(), { statusCode: 409, code: 'TAKEN', error: 'Conflict', message: 'Conflict' })
  t.strictSame((await get('/own', 'banking')).json(), { statusCode: 409, error: 'Conflict', message: 'Conflict' }, 'what the schema asks for is not there')
  t.strictSame((await get('/own5', 'banking')).json(), { message: 'Internal Server Error' })
  t.strictSame((await get('/sends', 'banking')).json(), { found: false, hint: 'elsewhere' }, 'sent, not thrown')
  t.equal((await get('/other', 'banking')).statusCode, 500, 'its sibling is guarded as ever')
})

t.test('answers without a body → pass', async t => {
  const { get } = await guardedApp(t, api => {
    api.get('/204', async (_request, reply) => { reply.code(204).send() })
    api.get('/204-null', async (_request, reply) => { reply.code(204).send(null) })
    api.get('/204-schema', { schema: { response: { 204: Type.Null({ description: 'gone' }) } } }, async (_request, reply) => reply.code(204).send(null))
    api.get('/304', async (_request, reply) => reply.code(304).send())
    api.get('/304-null', async (_request, reply) => reply.code(304).send(null))
    api.get('/redirect', async (_request, reply) => reply.redirect('/elsewhere'))
    api.get('/200', async (_request, reply) => { reply.send() })
    api.get('/404', async (_request, reply) => { reply.code(404).send() })
    api.get('/null', async () => null)
  })
  for (const [url, status] of [['/204', 204], ['/204-null', 204], ['/204-schema', 204], ['/304', 304], ['/304-null', 304], ['/redirect', 302], ['/200', 200], ['/404', 404]] as const) {
    const { statusCode, payload, headers } = await get(url)
    t.equal(statusCode, status, url)
    t.equal(payload, '', url)
    t.equal(headers['cache-control'], 'no-store', url)
  }
  t.equal((await get('/redirect')).headers.location, '/elsewhere')
  t.equal((await get('/null')).statusCode, 500, 'null is a body where there may be one')
})

t.test('D19 the answer to HEAD → as long as the released body, never as another one', async t => {
  const { app, get } = await guardedApp(t, api => {
    api.get('/customer', CUSTOMER, jane)
    api.get('/text', CUSTOMER, async () => JSON.stringify(JANE))
    api.get('/bytes', CUSTOMER, async () => Buffer.from(JSON.stringify(JANE)))
    api.get('/stream', CUSTOMER, async () => Readable.from([JSON.stringify(JANE)]))
    api.get('/length', CUSTOMER, async (_request, reply) => reply.header('content-length', JSON.stringify(JANE).length).send(JANE))
    api.get('/replaced', { ...CUSTOMER, onSend: async () => JSON.stringify(JANE) }, jane)
    api.get('/error', CUSTOMER, async () => { throw Object.assign(new Error('x'), { statusCode: 409 }) })
  })
  const head = (url: string) => app.inject({ method: 'HEAD', url, headers: bearer(tokenOf('profile')) })
  t.equal((await head('/customer')).headers['content-length'], String((await get('/customer', 'profile')).payload.length))
  for (const url of ['/text', '/bytes', '/replaced']) t.equal((await head(url)).statusCode, 500, url)
  t.notOk(Number((await head('/stream')).headers['content-length']), 'a stream has no length')
  t.equal((await head('/length')).headers['content-length'], String((await get('/customer', 'profile')).payload.length))
  t.equal((await get('/length', 'profile')).headers['content-length'], String((await get('/customer', 'profile')).payload.length))
  t.equal((await head('/error')).statusCode, 409)
})

t.test('D74 E24 the policy replaced while a request is under way → it ends on the one that it began with', async t => {
  const policy = createPolicy(POLICY)
  let arrived = () => {}
  let goOn = () => {}
  const { get } = await guardedApp(t, api => {
    api.get('/slow', CUSTOMER, async request => {
      arrived()
      await new Promise<void>(resolve => { goOn = resolve })
      t.strictSame(request.keyhole.scopes, ['profile', 'banking'])
      return JANE
    })
    customerRoute()(api)
  }, { options: { policy } })
  const isThere = new Promise<void>(resolve => { arrived = resolve })
  const slow = get('/slow', 'profile banking')
  await isThere
  policy.replace({ ...POLICY, scopes: { profile: { reads: [] } } })
  t.strictSame((await get('/customer', 'profile banking')).json(), { id: JANE.id })
  goOn()
  t.strictSame((await slow).json(), { ...OF_PROFILE, banking: JANE.banking })
})

t.test('D114 errors with schemas of their own → released by their annotations, also without a token', async t => {
  const Problem = Type.Object({
    title: claimSet(ANY_TOKEN, Type.String()), message: claimSet(ANY_TOKEN, Type.Optional(Type.String())), owner: claimSet('banking_claims', Type.Optional(Type.String()))
  })
  const problem = (reply: FastifyReply, status: number) => reply.code(status).type('application/problem+json').send({ title: 'no', message: SECRET, owner: SECRET, more: SECRET })
  const { get } = await guardedApp(t, api => {
    const response = { 200: Customer, '4xx': { content: { 'application/problem+json': { schema: Problem } } } }
    api.get('/sends', { schema: { response } }, async (_request, reply) => problem(reply, 409))
    api.get('/handled', { schema: { response }, errorHandler: (_error, _request, reply) => { problem(reply, 422) } }, async () => { throw new Error(SECRET) })
    api.get('/thrown', { schema: { response } }, async () => { throw Object.assign(new Error(SECRET), { statusCode: 409 }) })
    api.get('/plain', { schema: { response: { default: Problem } } }, async () => { throw Object.assign(new Error(SECRET), { statusCode: 409, title: 'no', owner: SECRET }) })
    api.get('/reason', { schema: { response: { 401: claimSet(ANY_TOKEN, Type.Object({ reason: Type.String() })), 403: claimSet(ANY_TOKEN, Type.Object({ message: Type.String() })) } }, config: { keyhole: { scope: 'banking' } } }, jane)
    api.get('/any', { schema: { response: { '4xx': { content: { '*/*': { schema: Problem } } } } } }, async () => { throw Object.assign(new Error(SECRET), { statusCode: 409 }) })
  })
  t.strictSame((await get('/sends', 'profile')).json(), { title: 'no', message: SECRET })
  t.strictSame((await get('/sends', 'banking')).json(), { title: 'no', message: SECRET, owner: SECRET })
  const handled = await get('/handled', null)
  t.equal(handled.statusCode, 422)
  t.match(handled.headers['www-authenticate'], ASKED)
  t.strictSame(handled.json(), { title: 'no', message: SECRET }, 'without a token: what any token sees')
  t.strictSame((await get('/thrown', 'banking')).json(), { statusCode: 409, error: 'Conflict', message: 'Conflict' }, 'JSON has no schema there: closed')
  isRefusal(t, await get('/thrown', null), 401, ASKED)
  for (const url of ['/plain', '/any']) {
    const { statusCode, payload } = await get(url, 'banking')
    t.equal(statusCode, 409, url)
    t.notMatch(payload, SECRET, url)
  }
  isRefusal(t, await get('/reason', null), 401, ASKED, 'a schema that asks for other members: closed')
  t.strictSame((await get('/reason', 'profile')).json(), { message: 'This takes the scope banking.' })
})

t.test('an error handler that answers a refusal with something else → nothing of it without a token', async t => {
  for (const schema of [Customer, claimSet(ANY_TOKEN, Type.Object({ id: Type.String() }))]) {
    const { get } = await guardedApp(t, api => {
      api.setErrorHandler((_error, _request, reply) => { reply.code(200).send(JANE) })
      api.get('/customer', { schema: { response: { '2xx': schema } } }, jane)
    })
    const response = await get('/customer', null)
    t.equal(response.statusCode, 500)
    t.notMatch(response.payload, JANE.id + '"')
    t.match((await get('/customer', 'profile')).json(), { id: JANE.id })
  }
})

t.test('error handlers of route, context and application, set before and after the guard → asked, and closed', async t => {
  const asked: string[] = []
  const handler = (name: string) => (error: unknown, _request: unknown, reply: FastifyReply) => {
    asked.push(name)
    reply.code((error as { statusCode?: number }).statusCode ?? 500).send({ message: SECRET, data: JANE })
  }
  const fails = async () => { throw Object.assign(new Error(SECRET), { statusCode: 409 }) }
  const { app, get } = await guardedApp(t, api => {
    api.get('/app', CUSTOMER, fails)
    api.get('/route', { ...CUSTOMER, errorHandler: handler('route') }, fails)
    api.register(async nested => {
      nested.setErrorHandler(handler('context'))
      nested.get('/context', CUSTOMER, fails)
    })
  }, {
    before: app => {
      app.setErrorHandler(handler('app'))
      app.get('/outside', fails)
    }
  })
  for (const name of ['app', 'route', 'context']) t.strictSame((await get(`/${name}`)).json(), { statusCode: 409, error: 'Conflict', message: 'Conflict' }, name)
  t.strictSame((await app.inject('/outside')).json(), { message: SECRET, data: JANE }, 'outside of the guard it is as it was')
  t.strictSame(asked, ['app', 'route', 'context', 'app'])
})

t.test('an error handler that throws, or sends what cannot be sent → a closed error', async t => {
  const handlers: Record<string, (reply: FastifyReply) => unknown> = {
    throws: () => { throw new Error(SECRET) },
    'sends text': reply => reply.code(400).send(SECRET),
    'sends a stream': reply => reply.code(400).send(Readable.from([SECRET])),
    'sends an error': reply => reply.send(Object.assign(new Error(SECRET), { statusCode: 400, data: JANE }))
  }
  for (const [what, handle] of Object.entries(handlers)) {
    const { get } = await guardedApp(t, api => {
      api.setErrorHandler((_error, _request, reply) => { handle(reply) })
      api.get('/', CUSTOMER, async () => { throw new Error('x') })
    })
    const { statusCode, payload, headers } = await get('/', ALL)
    t.ok(statusCode >= 400, what)
    t.notMatch(payload, SECRET, what)
    t.notMatch(payload, JANE.name, what)
    t.equal(headers['cache-control'], 'no-store', what)
  }
})

async function cached (t: Test, headers: Record<string, string | string[]>) {
  const { get, log } = await guardedApp(t, api => { api.get('/', CUSTOMER, async (_request, reply) => reply.headers(headers).send(JANE)) })
  const response = await get('/', 'profile')
  return { response, lines: log.lines().filter(({ blocked }) => blocked !== undefined) }
}

t.test('Cache-Control of the application → private keeps Vary: Authorization, what lets others keep the answer is a 500', async t => {
  for (const [headers, vary] of [
    [{ 'cache-control': 'private' }, 'Authorization'],
    [{ 'cache-control': 'Private, max-age=60' }, 'Authorization'],
    [{ 'cache-control': 'max-age=60' }, 'Authorization'],
    [{ 'cache-control': 'no-cache' }, 'Authorization'],
    [{ 'cache-control': 'private', vary: 'Accept' }, 'Accept, Authorization'],
    [{ 'cache-control': 'private', vary: 'accept, authorization' }, 'accept, authorization'],
    [{ 'cache-control': 'private', vary: '*' }, '*'],
    [{ 'cache-control': 'no-store, max-age=0' }, undefined],
    [{ 'cache-control': 'no-store' }, undefined],
    [{ 'cache-control': 'no-store', 'cdn-cache-control': 'no-store' }, undefined]
  ] as const) {
    const { response } = await cached(t, headers)
    t.equal(response.statusCode, 200, JSON.stringify(headers))
    t.equal(response.headers['cache-control'], headers['cache-control'], JSON.stringify(headers))
    t.equal(response.headers.vary, vary, JSON.stringify(headers))
  }
  for (const headers of [
    { 'cache-control': 'public' }, { 'cache-control': 'PUBLIC, max-age=60' }, { 'cache-control': 's-maxage=60' }, { 'cache-control': 'private, s-maxage=60' },
    { 'cache-control': 'must-revalidate' }, { 'cache-control': ['private', 'public'] },
    { 'cdn-cache-control': 'max-age=60' }, { 'Surrogate-Control': 'max-age=60' }, { 'vercel-cdn-cache-control': 'public' }
  ]) {
    const { response, lines } = await cached(t, headers)
    const what = JSON.stringify(headers)
    t.equal(response.statusCode, 500, what)
    t.equal(response.headers['cache-control'], 'no-store', what)
    t.notMatch(response.payload, JANE.name, what)
    t.match(lines, [{ level: 50, blocked: 'shared cache', route: 'GET /', status: 200, msg: 'Cache-Control, or a header that caches obey in its stead, lets a shared cache keep an answer that belongs to one token. Use private or no-store.' }], what)
  }
})

t.test('Cache-Control taken away → no-store all the same', async t => {
  for (const take of [(reply: FastifyReply) => reply.removeHeader('cache-control'), (reply: FastifyReply) => reply.header('cache-control', undefined)]) {
    const { get } = await guardedApp(t, api => { api.get('/', CUSTOMER, async (_request, reply) => take(reply).send(JANE)) })
    const { statusCode, headers } = await get('/', 'profile')
    t.equal(statusCode, 200)
    t.match(headers['cache-control'], /^(?:no-store)?$/)
  }
})

t.test('schemas shared by addSchema in the outermost, the guarded and a nested context → found with their annotations', async t => {
  const part = (name: string, set: string) => ({ $id: name, type: 'object', properties: { [name]: { type: 'string', claimSet: set } } })
  const { app, get } = await guardedApp(t, api => {
    api.addSchema(part('Middle', 'contact_claims'))
    api.register(async nested => {
      nested.addSchema(part('Inner', 'banking_claims'))
      nested.get('/', { schema: { response: { 200: { type: 'object', properties: { outer: { $ref: 'Outer#' }, middle: { $ref: 'Middle#' }, inner: { $ref: 'Inner#' } } } } } }, async () => ({
        outer: { Outer: 'o' }, middle: { Middle: 'm' }, inner: { Inner: SECRET }
      }))
      nested.post('/', { schema: { body: { $ref: 'Outer#' }, response: { 200: { $ref: 'Middle#' } } } }, async () => ({ Middle: 'm' }))
    })
    t.strictSame(Object.keys(api.getSchemas()).sort(), ['Middle', 'Outer'])
    t.strictSame(api.getSchema('Middle'), { $id: 'Middle', type: 'object', properties: { Middle: { type: 'string' } } }, 'without annotations, for validators')
    t.equal(api.getSchema('Inner'), undefined)
    t.throws(() => api.addSchema(part('Middle', 'contact_claims')), { code: 'FST_ERR_SCH_ALREADY_PRESENT' })
    t.throws(() => api.addSchema({ type: 'object' }), { code: 'FST_ERR_SCH_MISSING_ID' })
  }, { before: app => app.addSchema(part('Outer', 'profile_claims')) })
  t.strictSame((await get('/', 'profile')).json(), { outer: { Outer: 'o' } })
  t.strictSame((await get('/', 'contact banking')).json(), { middle: { Middle: 'm' }, inner: { Inner: SECRET } })
  isRefusal(t, await get('/', 'profile', { method: 'POST', payload: { Outer: 'x' } }), 403, /scope="profile:write"/)
  t.strictSame((await get('/', 'contact profile:write', { method: 'POST', payload: { Outer: 'x' } })).json(), { Middle: 'm' })
  t.match(app.getSchema('Outer'), { properties: { Outer: { claimSet: 'profile_claims' } } }, 'above the guard all is as it was')
})

t.test('a schema added above the guard after its context was made → found', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(async api => {
    await api.register(resourceGuard, GUARD)
    app.addSchema({ $id: 'Late', type: 'object', properties: { iban: { type: 'string', claimSet: 'banking_claims' } } })
    api.get('/', { schema: { response: { 200: { $ref: 'Late#' } } } }, async () => ({ iban: SECRET }))
  })
  t.equal((await app.inject({ url: '/', headers: bearer(tokenOf('profile')) })).payload, '{}')
  t.equal((await app.inject({ url: '/', headers: bearer(tokenOf('banking')) })).payload, JSON.stringify({ iban: SECRET }))
})

t.test('schemas of a builder → read like any other', async t => {
  const built = (schema: object) => ({ isFluentJSONSchema: true, valueOf: () => schema })
  const { get } = await guardedApp(t, api => {
    api.addSchema(built({ $id: 'Built', type: 'object', properties: { iban: { type: 'string', claimSet: 'banking_claims' } } }))
    api.get('/', { schema: { response: { 200: built({ type: 'object', properties: { id: { type: 'string', claimSet: '*' }, bank: { $ref: 'Built#' } } }) } } }, async () => ({ id: 'a', bank: { iban: SECRET } }))
  })
  t.strictSame((await get('/', '')).json(), { id: 'a' })
  t.strictSame((await get('/', 'banking')).json(), { id: 'a', bank: { iban: SECRET } })
})

t.test('an application\'s own @fastify/jwt → undisturbed', async t => {
  const { app, get } = await guardedApp(t, api => {
    api.get('/customer', CUSTOMER, async request => {
      t.equal((request as { user?: unknown }).user, null)
      return JANE
    })
  }, {
    before: async app => {
      await app.register(fastifyJwt, { secret: 'a secret of the application, 32 bytes' })
      app.get('/session', async (request, reply) => {
        await request.jwtVerify()
        return request.user
      })
    }
  })
  t.strictSame((await get('/customer', 'profile')).json(), OF_PROFILE)
  const own = app.jwt.sign({ user: 'me' })
  t.match((await app.inject({ url: '/session', headers: bearer(own) })).json(), { user: 'me' })
  t.not((await get('/session', 'profile')).statusCode, 200, 'the guard\'s token is none of its')
  t.equal((await app.inject({ url: '/customer', headers: bearer(own) })).statusCode, 401)
})

t.test('the application\'s hooks around the answer → run, and may read it', async t => {
  const ran: string[] = []
  const { get } = await guardedApp(t, api => {
    api.addHook('preSerialization', async (_request, _reply, payload) => { ran.push(`preSerialization ${typeof payload}`); return { ...payload as object, name: 'Changed' } })
    api.addHook('onSend', async (_request, _reply, payload) => { ran.push(`onSend ${payload as string}`) })
    api.addHook('onResponse', async () => { ran.push('onResponse') })
    api.get('/customer', CUSTOMER, jane)
  })
  const { payload } = await get('/customer', 'contact')
  t.equal(payload, '{"id":"c1","name":"Changed"}')
  t.strictSame(ran, ['preSerialization object', `onSend ${payload}`, 'onResponse'])
})

t.test('a promise, reply.send, a reply returned, send called twice → one released body', async t => {
  const { get, log } = await guardedApp(t, api => {
    api.get('/promise', CUSTOMER, jane)
    api.get('/sync', CUSTOMER, () => JANE as never)
    api.get('/send', CUSTOMER, (_request, reply) => { reply.send(JANE) })
    api.get('/both', CUSTOMER, async (_request, reply) => { reply.send(JANE); return reply })
    api.get('/twice', CUSTOMER, (_request, reply) => { reply.send(JANE); reply.send({ ...JANE, name: 'Second' }) })
    api.get('/later', CUSTOMER, (_request, reply) => { setImmediate(() => reply.send(JANE)) })
  })
  for (const url of ['/promise', '/sync', '/send', '/both', '/twice', '/later']) t.equal((await get(url, 'profile')).payload, JSON.stringify(OF_PROFILE), url)
  t.notOk(log.lines().some(({ level }) => level >= 50))
})

t.test('D20 what is no object where the schema says object → as the serializer has it without a guard', async t => {
  for (const value of [null, 1, true, [], ['a'], new Date(0), new Map([['a', 1]])]) {
    const send = async (_request: unknown, reply: FastifyReply) => reply.send(value)
    const unguarded = Fastify()
    unguarded.get('/', { schema: { response: { 200: { type: 'object', properties: { a: { type: 'string' } } } } } }, send)
    const expected = await unguarded.inject('/')
    await unguarded.close()
    const { get } = await guardedApp(t, api => {
      api.get('/', { schema: { response: { 200: { type: 'object', properties: { a: { type: 'string', claimSet: 'profile_claims' } } } } } }, send)
    })
    const { statusCode, payload } = await get('/', 'profile')
    t.equal(statusCode, expected.statusCode, String(value))
    if (statusCode === 200) t.equal(payload, expected.payload, String(value))
  }
})

t.test('a store whose keys cannot be read → 503 with Retry-After for unknown keys, while known tokens go on', async t => {
  const store = await openStore('sqlite::memory:')
  await store.keys.addActive(signingKeyOf(KEY.privateKey, KEY), 0)
  let { list } = store.keys
  const app = Fastify({ logger: { level: 'error', stream: { write: (line: string) => { logged.push(line) } } } }) as unknown as FastifyInstance
  const logged: string[] = []
  t.teardown(async () => {
    await app.close()
    await store.close()
  })
  const { jwks, ...options } = GUARD
  app.register(async api => {
    await api.register(resourceGuard, { ...options, store: { keys: { ...store.keys, list: () => list() } } })
    customerRoute()(api)
  })
  const known = tokenOf('profile')
  t.strictSame((await app.inject({ url: '/customer', headers: bearer(known) })).json(), OF_PROFILE)
  list = async () => { throw new Error('the database is away') }
  for (let time = 0; time < 2; time++) {
    const response = await app.inject({ url: '/customer', headers: bearer(tokenOf('profile', {}, { key: keyPair('k2') })) })
    t.equal(response.statusCode, 503)
    t.equal(response.headers['retry-after'], '5')
    t.equal(response.headers['cache-control'], 'no-store')
    t.notOk(response.headers['www-authenticate'], 'nothing is said against the token')
    t.strictSame(response.json(), { statusCode: 503, code: 'FST_KEYHOLE_KEYS_UNAVAILABLE', error: 'Service Unavailable', message: 'Service Unavailable' })
  }
  t.match(logged.join(), 'the database is away', 'the cause is in the log')
  for (const token of [known, tokenOf('profile')]) t.equal((await app.inject({ url: '/customer', headers: bearer(token) })).statusCode, 200)
})
