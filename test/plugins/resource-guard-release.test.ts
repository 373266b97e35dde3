import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { Type, type TSchema } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import { ALL, bootFaults, Customer, customerRoute, guardedApp, JANE, POLICY, SECRET } from './resource-guard-app.js'

/** What leaves a guarded route, and what does not. */

const OF_PROFILE = { id: JANE.id, name: JANE.name, age: JANE.age }

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

/** A guarded `GET /` with this handler and these response schemas. */
function route (handler: Handler, response: Record<string, unknown> = { 200: Customer }) {
  return (api: FastifyInstance) => { api.get('/', { schema: { response } }, handler as never) }
}

/** A guarded `GET /` that answers 200 by this schema. */
function answering (schema: TSchema | object, value: unknown) {
  return route(() => value, { 200: schema })
}

const INTERNAL = { statusCode: 500, error: 'Internal Server Error', message: 'Internal Server Error' }
const WITHHELD = { ...INTERNAL, code: 'FST_KEYHOLE_PAYLOAD_BLOCKED' }

async function withheld (t: Test, routes: (api: FastifyInstance) => unknown, what: string): Promise<void> {
  const { get, log } = await guardedApp(t, routes)
  const response = await get('/', 'profile')
  t.equal(response.statusCode, 500, what)
  t.notMatch(JSON.stringify([response.headers, response.payload]), SECRET, what)
  t.equal(response.headers['cache-control'], 'no-store', what)
  t.same(response.json(), WITHHELD, what)
  t.ok(log.lines().some(({ level, route }) => level === 50 && route === 'GET /'), `${what}: an error in the log names the route`)
  t.notMatch(log.text(), SECRET, `${what}: nothing of it in the log`)
}

t.test('D1 text, bytes, a stream or a Response → 500, nothing of it sent', async t => {
  const text = JSON.stringify(JANE)
  const bodies: Record<string, () => unknown> = {
    text: () => text,
    Buffer: () => Buffer.from(text),
    Uint8Array: () => new TextEncoder().encode(text),
    DataView: () => new DataView(new TextEncoder().encode(text).buffer),
    'node stream': () => Readable.from([text]),
    'web stream': () => new Blob([text]).stream(),
    Response: () => new Response(text, { headers: { 'content-type': 'application/json' } }),
    'Response with a status': () => new Response(text, { status: 201 })
  }
  for (const [what, body] of Object.entries(bodies)) {
    await withheld(t, route(body), `returned ${what}`)
    await withheld(t, route((_request, reply) => { reply.type('application/json').send(body()) }), `sent ${what} as JSON`)
  }
})

t.test('D1 an async iterable → looked at by the schema like any object, so nothing of it is sent', async t => {
  const { get } = await guardedApp(t, answering(Customer, (async function * () { yield JSON.stringify(JANE) })()))
  const response = await get('/', ALL)
  t.equal(response.statusCode, 500)
  t.notMatch(response.payload, SECRET)
})

t.test('D2 hijack and the raw response → 500, nothing of it sent', async t => {
  const text = JSON.stringify(JANE)
  const ways: Record<string, Handler> = {
    'hijack, end': (_request, reply) => { reply.hijack().raw.end(text) },
    'hijack, writeHead, end': (_request, reply) => { reply.hijack().raw.writeHead(200, { 'content-type': 'application/json' }).end(text) },
    'hijack, write': (_request, reply) => { reply.hijack().raw.write(text) },
    'write, then send': async (_request, reply) => {
      reply.raw.write(text)
      return JANE
    },
    'end without hijack': (_request, reply) => { reply.raw.end(text) },
    pipe: (_request, reply) => {
      reply.hijack()
      Readable.from([text]).pipe(reply.raw)
    }
  }
  for (const [what, handler] of Object.entries(ways)) await withheld(t, route(handler), what)
})

t.test('D2 raw.writeHead before send → the released body', async t => {
  const { get } = await guardedApp(t, route((_request, reply) => {
    reply.raw.writeHead(200, { 'x-head': 'early' })
    reply.send(JANE)
  }))
  t.strictSame((await get('/', 'profile')).json(), OF_PROFILE)
})

t.test('D3 a status without a schema → 500', async t => {
  for (const status of [201, 202, 203, 206, 226]) await withheld(t, route((_request, reply) => reply.code(status).send(JANE)), String(status))
  await withheld(t, route((_request, reply) => reply.code(300).send(JANE), { '2xx': Customer }), '300 beside 2xx')
  const { get } = await guardedApp(t, route((_request, reply) => reply.code(206).send(JANE), { '2XX': Customer }))
  t.strictSame((await get('/', 'profile')).json(), OF_PROFILE, '206 by 2XX')
})

t.test('D4 a media type without a schema → 500', async t => {
  const response = { 200: { content: { 'Application/JSON': { schema: Customer }, 'application/vnd.customer+json': { schema: Type.Pick(Customer, ['id']) } } } }
  const typed = (type: string): Handler => (_request, reply) => reply.type(type).send(JANE)
  for (const type of ['application/vnd.other+json', 'text/plain', 'text/csv', 'application/xml', 'json', 'application/json2']) await withheld(t, route(typed(type), response), type)
  for (const [type, body] of [['application/json', OF_PROFILE], ['application/json; charset=utf-8', OF_PROFILE], ['APPLICATION/json', OF_PROFILE], ['application/vnd.customer+json', { id: 'c1' }]] as const) {
    const { get } = await guardedApp(t, route(typed(type), response))
    t.strictSame((await get('/', 'profile')).json(), body, type)
  }
  const { get } = await guardedApp(t, route(typed('application/anything+json'), { 200: { content: { '*/*': { schema: Customer } } } }))
  t.strictSame((await get('/', 'profile')).json(), OF_PROFILE, '*/*')
})

t.test('D5 a reply serializer of the handler → 500; one of the application → not asked', async t => {
  await withheld(t, route((_request, reply) => reply.serializer(() => JSON.stringify(JANE)).send(JANE)), 'reply.serializer')
  await withheld(t, route((_request, reply) => reply.serializer((payload: unknown) => Buffer.from(JSON.stringify(payload)) as never).send(JANE)), 'reply.serializer to bytes')
  const sets: Record<string, (app: FastifyInstance) => unknown> = { app: () => {}, context: () => {} }
  sets.app = app => app.setReplySerializer(payload => JSON.stringify(payload))
  const { get } = await guardedApp(t, customerRoute(), { before: sets.app })
  t.strictSame((await get('/customer', 'profile')).json(), OF_PROFILE)
  const inside = await guardedApp(t, api => {
    api.setReplySerializer(payload => JSON.stringify(payload))
    customerRoute()(api)
    api.register(async nested => {
      nested.setReplySerializer(payload => JSON.stringify(payload))
      nested.get('/nested', { schema: { response: { 200: Customer } } }, async () => JANE)
    })
  })
  t.strictSame((await inside.get('/customer', 'profile')).json(), OF_PROFILE)
  t.strictSame((await inside.get('/nested', 'profile')).json(), OF_PROFILE)
})

t.test('D5 a serializer compiler of the application → not asked; of a context or route behind the guard → no boot', async t => {
  const compiler = () => (value: unknown) => JSON.stringify(value)
  const { get } = await guardedApp(t, customerRoute(), { before: app => app.setSerializerCompiler(compiler) })
  t.strictSame((await get('/customer', 'profile')).json(), OF_PROFILE)
  const fault = /^GET \/customer, response 200: \(the whole value\): the guard did not get to compile it\. Take out serializerCompiler/
  t.match(await bootFaults(t, api => {
    api.setSerializerCompiler(compiler)
    customerRoute()(api)
  }), [fault])
  t.match(await bootFaults(t, api => {
    api.register(async nested => {
      nested.setSerializerCompiler(compiler)
      customerRoute()(nested)
    })
  }), [fault])
  t.match(await bootFaults(t, api => { api.get('/customer', { schema: { response: { 200: Customer } }, serializerCompiler: compiler }, async () => JANE) }), [fault])
})

t.test('D9 an error with a message from the database → generic at 5xx; at 4xx only what is meant for the client', async t => {
  const message = `duplicate key value violates unique constraint: ${SECRET}`
  const thrown = (more: object) => guardedApp(t, route(() => { throw Object.assign(new Error(message), more) }))
  for (const more of [{}, { statusCode: 500 }, { statusCode: 503, expose: true }, { statusCode: 500, code: 'FST_MINE' }, { status: 500 }, { statusCode: 299 }, { statusCode: 999 }]) {
    const { get } = await thrown(more)
    const response = await get('/', ALL)
    const { statusCode } = response
    t.ok(statusCode >= 500, JSON.stringify(more))
    t.notMatch(JSON.stringify([response.headers, response.payload]), SECRET, JSON.stringify(more))
    t.equal(response.json().message, response.json().error, JSON.stringify(more))
  }
  for (const more of [{ statusCode: 409 }, { statusCode: 404, code: 'SQLITE_CONSTRAINT' }, { status: 422 }, { statusCode: 400, expose: false }, { statusCode: 400, expose: 'yes' }]) {
    const response = await (await thrown(more)).get('/', ALL)
    t.equal(response.json().message, response.json().error, JSON.stringify(more))
    t.notMatch(response.payload, SECRET, JSON.stringify(more))
  }
  for (const more of [{ statusCode: 409, expose: true }, { statusCode: 400, code: 'FST_MINE' }]) {
    t.equal((await (await thrown(more)).get('/', ALL)).json().message, message, JSON.stringify(more))
  }
  const noError: unknown = { statusCode: 409, code: 'X', message, customer: JANE }
  const { get } = await guardedApp(t, route(() => { throw noError }))
  const response = await get('/', ALL)
  t.strictSame(response.json(), { statusCode: 409, code: 'X', error: 'Conflict', message: 'Conflict' }, 'thrown, but no Error')
})

t.test('D11 payloads of error and 404 handlers → closed at error statuses, else 500', async t => {
  const customer = { ...JANE, message: SECRET, error: SECRET }
  const { get } = await guardedApp(t, api => {
    api.setErrorHandler((_error, request, reply) => {
      const { status } = request.query as { status?: number }
      reply.code(status ?? 418).send(customer)
    })
    api.setNotFoundHandler((request, reply) => {
      const status = Number(request.headers['x-status'] ?? 404)
      reply.code(status).send(request.headers['x-text'] === undefined ? customer : JSON.stringify(customer))
    })
    api.get('/fails', { schema: { querystring: Type.Object({ status: Type.Optional(Type.Integer()) }), response: { 200: Type.Pick(Customer, ['id']) } } }, () => { throw new Error(SECRET) })
    api.get('/calls', { schema: { response: { 200: Type.Pick(Customer, ['id']) } } }, (_request, reply) => { reply.callNotFound() })
    api.get('/own', { errorHandler: (_error, _request, reply) => { reply.code(409).send(customer) } }, () => { throw new Error(SECRET) })
  }, { prefix: '/api' })
  const teapot = { statusCode: 418, error: "I'm a Teapot", message: "I'm a Teapot" }
  t.strictSame((await get('/api/fails')).json(), teapot)
  t.strictSame((await get('/api/fails?status=200')).json(), { id: 'c1' }, 'an error handler that answers 200 → the view of the route')
  t.same((await get('/api/fails?status=201')).json(), WITHHELD)
  t.strictSame((await get('/api/own')).json(), { statusCode: 409, error: 'Conflict', message: 'Conflict' })
  const notFound = { statusCode: 404, error: 'Not Found', message: 'Not Found' }
  for (const url of ['/api/nowhere', '/api/calls']) {
    t.strictSame((await get(url)).json(), notFound, url)
    t.strictSame((await get(url, '', { headers: { 'x-text': 'yes' } })).json(), notFound, `${url}, text`)
    const ok = await get(url, '', { headers: { 'x-status': '200', 'x-text': 'yes' } })
    t.equal(ok.statusCode, 500, `${url}, 200`)
    t.notMatch(ok.payload, SECRET, `${url}, 200`)
  }
  t.strictSame((await get('/api/nowhere', '', { headers: { 'x-status': '200' } })).json(), teapot, 'an object with 200: an error, for the error handler')
  t.strictSame((await get('/api/calls', '', { headers: { 'x-status': '200' } })).json(), { id: 'c1' }, 'callNotFound: the view of the route')
  t.strictSame((await get('/api/nowhere', null)).json(), notFound, 'without a token, too')
})

t.test('D11 a 404 handler that throws, and bad bodies to no route → closed, with their status', async t => {
  const { app, get, log } = await guardedApp(t, api => {
    api.setNotFoundHandler(() => { throw Object.assign(new Error(SECRET), { statusCode: 410 }) })
    api.get('/calls', (_request, reply) => { reply.callNotFound() })
  }, { prefix: '/api' })
  for (const url of ['/api/nowhere', '/api/calls']) t.strictSame((await get(url)).json(), { statusCode: 410, error: 'Gone', message: 'Gone' }, url)
  const bad = await app.inject({ method: 'POST', url: '/api/nowhere', headers: { 'content-type': 'application/json' }, payload: '{' })
  t.equal(bad.statusCode, 400)
  t.strictSame(Object.keys(bad.json()), ['statusCode', 'error', 'message'])
  t.notOk(log.lines().some(({ level, blocked }) => level >= 50 && blocked !== undefined))
})

t.test('D13 a required field that is missing → generic 500; a withheld one is not asked for', async t => {
  const { banking, ...rest } = JANE
  const { get } = await guardedApp(t, answering(Customer, { ...rest, banking: { balance: 1 } }))
  t.strictSame((await get('/', 'profile')).json(), OF_PROFILE)
  const response = await get('/', 'profile banking')
  t.equal(response.statusCode, 500)
  t.strictSame(response.json(), INTERNAL)
})

const OPEN = Type.String()
const PROFILE = claimSet('profile_claims', Type.String())

t.test('D22 a field that nothing governs, anywhere → no boot, with its pointer', async t => {
  const obj = (properties: Record<string, unknown>, more: object = {}) => ({ type: 'object', properties, ...more })
  const Node = obj({ name: OPEN, next: { $ref: '#' } }, { $id: 'Node' })
  const shapes: Record<string, readonly [object, string]> = {
    'nested property': [obj({ a: obj({ b: OPEN }) }), '/a/b'],
    'array item': [obj({ a: Type.Array(OPEN) }), '/a/*'],
    'tuple member': [obj({ a: Type.Tuple([PROFILE, OPEN]) }), '/a/1'],
    patternProperties: [obj({}, { patternProperties: { '^x': OPEN } }), '/*'],
    Record: [obj({ a: Type.Record(Type.String(), Type.Integer()) }), '/a/*'],
    additionalProperties: [obj({ a: PROFILE }, { additionalProperties: OPEN }), '/*'],
    anyOf: [obj({ a: Type.Union([PROFILE, Type.Integer()]) }), '/a'],
    allOf: [{ allOf: [obj({ a: PROFILE }), obj({ b: OPEN })] }, '/b'],
    then: [obj({ a: PROFILE }, { if: obj({ a: { const: 'x' } }), then: obj({ b: OPEN }), else: obj({ c: OPEN }) }), '/b, /c'],
    recursive: [Node, '/name'],
    '$ref to a shared schema': [obj({ a: { $ref: 'Shared#' } }), '/a/open'],
    definitions: [obj({ a: { $ref: '#/definitions/b' } }, { definitions: { b: OPEN } }), '/a'],
    $defs: [obj({ a: { $ref: '#/$defs/b' } }, { $defs: { b: OPEN } }), '/a']
  }
  const cure = 'Wrap them in claimSet(...) with profile_claims, contact_claims, address_claims, banking_claims or ANY_TOKEN, or annotate their parent.'
  for (const [what, [schema, pointers]] of Object.entries(shapes)) {
    const faults = await bootFaults(t, api => {
      api.addSchema(obj({ open: OPEN }, { $id: 'Shared' }))
      answering(schema, {})(api)
    })
    t.equal(faults[0], `GET /, response 200: no claim set on ${pointers}. ${cure}`, what)
  }
  for (const entry of ['default', '4xx', '5xx', '2xx', '404']) {
    t.strictSame(await bootFaults(t, route(() => ({}), { [entry]: obj({ a: OPEN }) })), [`GET /, response ${entry}: no claim set on /a. ${cure}`], entry)
  }
  const content = { 200: { content: { 'application/json': { schema: obj({ a: OPEN }) }, 'application/x+json': { schema: obj({ b: OPEN }) } } } }
  t.strictSame(await bootFaults(t, route(() => ({}), content)), [
    `GET /, response 200, application/json: no claim set on /a. ${cure}`, `GET /, response 200, application/x+json: no claim set on /b. ${cure}`
  ])
})

t.test('D23 what would be written without being looked at → no boot, unless annotated itself', async t => {
  const opaque = { any: Type.Any(), unknown: Type.Unknown(), empty: {}, unsafe: Type.Unsafe({}), not: { not: { type: 'string' } }, list: { type: 'array' }, true: true as unknown as object }
  for (const [what, schema] of Object.entries(opaque)) {
    const governed = { type: 'object', claimSet: 'banking_claims', properties: { id: claimSet(ANY_TOKEN, Type.String(), { revealsParent: true }), [what]: schema } }
    const faults = await bootFaults(t, answering(governed, {}))
    t.match(faults, [new RegExp(`^GET /, response 200: /${what}: .*without being looked at`)], what)
    if (what === 'true') continue
    const annotated = { type: 'object', properties: { id: claimSet(ANY_TOKEN, Type.String()), [what]: claimSet('banking_claims', schema as TSchema) } }
    const value = { id: 'c1', [what]: [{ deep: SECRET }] }
    const { get } = await guardedApp(t, answering(annotated, value))
    t.strictSame((await get('/', 'profile')).json(), { id: 'c1' }, what)
    t.strictSame((await get('/', 'banking')).json(), value, what)
  }
  t.match(await bootFaults(t, answering({ type: 'object', claimSet: 'banking_claims', properties: {}, additionalProperties: true }, {})), [/without being looked at/])
})

t.test('D28 a union is told apart on the whole value, also where the discriminator is withheld', async t => {
  const branch = (kind: string, own: string) => Type.Object({
    kind: claimSet('banking_claims', Type.Literal(kind)), x: claimSet('banking_claims', Type.String()), [own]: claimSet('profile_claims', Type.String())
  })
  const union = Type.Union([branch('a', 'ofA'), branch('b', 'ofB')], { claimSet: { sets: 'profile_claims', revealsBranch: true } })
  const value = { kind: 'b', x: SECRET, ofA: SECRET, ofB: 'shown' }
  const { get } = await guardedApp(t, answering(union, value))
  t.strictSame((await get('/', 'profile')).json(), { ofB: 'shown' })
  t.strictSame((await get('/', 'profile banking')).json(), { kind: 'b', x: SECRET, ofB: 'shown' })
  t.match(await bootFaults(t, answering({ ...union, claimSet: 'profile_claims' }, value)), [/which branch was taken shows in .*\/ofA, .*\/ofB/])
})

t.test('D38 default and const of a withheld field → not written', async t => {
  const schema = Type.Object({
    id: claimSet(ANY_TOKEN, Type.String()),
    currency: claimSet('banking_claims', Type.String({ default: 'EUR' })),
    kind: claimSet('banking_claims', Type.Literal('premium')),
    age: claimSet('profile_claims', Type.Integer({ default: 7 }))
  })
  const { get } = await guardedApp(t, answering(schema, { id: 'c1' }))
  t.strictSame((await get('/', '')).json(), { id: 'c1' })
  t.strictSame((await get('/', 'profile')).json(), { id: 'c1', age: 7 })
})

t.test('D45 an annotation that says nothing → no boot', async t => {
  const annotated = (annotation: object) => bootFaults(t, answering({ type: 'object', properties: { a: { type: 'string', ...annotation } } }, {}))
  t.match(await annotated({ claim: 'profile_claims' }), [/no claim set on \/a/, /\/a: the keyword 'claim' is not known.*Write 'claimSet'/])
  t.match(await annotated({ claimSets: ['profile_claims'] }), [/no claim set on \/a/, /\/a: the keyword 'claimSets' is not known.*Write 'claimSet'/])
  t.strictSame(await annotated({ claimSet: 'bankng_claims' }), ["GET /, response 200: unknown claim set 'bankng_claims' on /a. The policy has profile_claims, contact_claims, address_claims, banking_claims."])
  for (const claimSet of [[], null, 1, '', [null], {}]) t.match((await annotated({ claimSet })).join(), /\/a: claimSet must be the name of a claim set/, JSON.stringify(claimSet))
  const { get } = await guardedApp(t, answering(Type.Object({ list: claimSet('profile_claims', Type.Array(Type.String())) }), { list: ['a'] }))
  t.strictSame((await get('/', 'profile')).json(), { list: ['a'] }, 'an annotated array governs its items')
})

t.test('D48 withheld, missing and null → the same bytes', async t => {
  const Nullable = Type.Object({ id: claimSet(ANY_TOKEN, Type.String()), banking: claimSet('banking_claims', Type.Optional(Type.Union([Type.Object({ iban: Type.String() }), Type.Null()]))) })
  const answers = []
  for (const value of [{ id: 'c1', banking: { iban: SECRET } }, { id: 'c1' }, { id: 'c1', banking: null }, { id: 'c1', banking: undefined }]) {
    const { headers: { date, ...headers }, payload, statusCode } = await (await guardedApp(t, answering(Nullable, value))).get('/', 'profile')
    answers.push({ headers, payload, statusCode })
  }
  for (const answer of answers) t.strictSame(answer, answers[0])
})

t.test('D54 33 claim sets and more on one route → each stands for itself', async t => {
  const names = Array.from({ length: 70 }, (_, index) => `set${index}`)
  const policy = { claimSets: Object.fromEntries(names.map(name => [name, {}])), scopes: Object.fromEntries(names.map(name => [name, { reads: [name] }])), roles: {} }
  const schema = Type.Object(Object.fromEntries(names.map(name => [name, claimSet(name, Type.String())])))
  const { get } = await guardedApp(t, answering(schema, Object.fromEntries(names.map(name => [name, name]))), { options: { policy } })
  for (const index of [0, 1, 30, 31, 32, 33, 63, 64, 69]) {
    const name = names[index]!
    t.strictSame((await get('/', name)).json(), { [name]: name }, name)
  }
})

t.test('D55 another policy, with its claim sets and scopes in another order → each token sees what it reads now', async t => {
  const policy = createPolicy(POLICY)
  const { get } = await guardedApp(t, answering(Customer, JANE), { options: { policy } })
  t.strictSame((await get('/', 'profile')).json(), OF_PROFILE)
  const reversed = (record: object) => Object.fromEntries(Object.entries(record).reverse())
  policy.replace({ ...POLICY, claimSets: reversed(POLICY.claimSets), scopes: reversed(POLICY.scopes) })
  t.strictSame((await get('/', 'profile')).json(), OF_PROFILE)
  policy.replace({ ...POLICY, scopes: { ...POLICY.scopes, profile: { reads: ['address_claims'] } } })
  t.strictSame((await get('/', 'profile')).json(), { id: JANE.id, address: JANE.address })
})

t.test('a status that has no name, and one beyond those of HTTP → closed all the same', async t => {
  const { get } = await guardedApp(t, route((_request, reply) => reply.code(499).send(JANE)))
  t.strictSame((await get('/', ALL)).json(), { statusCode: 499, error: 'Error', message: 'Error' })
})

t.test('routes that share one schema object: each released by the shared schemas of its own context', async t => {
  const response = { 200: Type.Object({ owner: Type.Unsafe({ $ref: 'Owner#' }) }) }
  const { get } = await guardedApp(t, async api => {
    const sets = { a: 'profile_claims', b: 'profile_claims', c: 'banking_claims' }
    for (const [name, set] of Object.entries(sets)) {
      await api.register(async inner => {
        inner.addSchema({ $id: 'Owner', ...claimSet(set, Type.String()) })
        inner.get(`/${name}`, { schema: { response } }, () => ({ owner: SECRET }))
        inner.get(`/${name}/again`, { schema: { response } }, () => ({ owner: SECRET }))
      })
    }
  })
  for (const [scope, seen] of [['profile', { a: { owner: SECRET }, b: { owner: SECRET }, c: {} }], ['banking', { a: {}, b: {}, c: { owner: SECRET } }]] as const) {
    for (const [name, body] of Object.entries(seen)) {
      t.same((await get(`/${name}`, scope)).json(), body, `${scope}, ${name}`)
      t.same((await get(`/${name}/again`, scope)).json(), body, `${scope}, ${name}, again`)
    }
  }
})

t.test('routes that share one schema object with a fault → the boot names each of them', async t => {
  const response = { 200: Type.Object({ id: Type.String() }) }
  const faults = (await bootFaults(t, api => {
    api.get('/a', { schema: { response } }, () => ({}))
    api.get('/b', { schema: { response } }, () => ({}))
  })).join('\n')
  t.match(faults, /GET \/a, response 200: no claim set on \/id/)
  t.match(faults, /GET \/b, response 200: no claim set on \/id/)
})
