import type { FastifyInstance, InjectOptions } from 'fastify'
import { Type, type TSchema } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import { ASKED, bootFaults, Customer, guardedApp, isRefusal, SECRET, type Setting } from './resource-guard-app.js'

/** What a body and a query may hold. */

const Reply = claimSet(ANY_TOKEN, Type.Object({ ok: Type.Boolean() }))

/** A guarded PATCH /; what reaches its handler is kept. */
async function writing (t: Test, body: TSchema | object | undefined, setting: Setting & { routes?: (api: FastifyInstance) => unknown } = {}) {
  const reached: unknown[] = []
  const { app, get, log } = await guardedApp(t, async api => {
    await setting.routes?.(api)
    api.route({ method: 'PATCH', url: '/', schema: { ...(body === undefined ? {} : { body }), response: { 200: Reply } }, handler: async request => { reached.push(request.body); return { ok: true } } })
  }, setting)
  return {
    app,
    log,
    reached,
    patch: (scope: string, payload: unknown, options: InjectOptions = {}) => get('/', scope, { method: 'PATCH', payload: payload as object, ...options })
  }
}

const CustomerPatch = Type.Partial(Customer)

t.test('D91 D92 a member outside the write view → 403 with the scope that would do, and the handler does not run', async t => {
  const { patch, reached } = await writing(t, CustomerPatch)
  const refused = await patch('profile profile:write', { name: 'New', banking: { iban: SECRET } })
  isRefusal(t, refused, 403, 'Bearer error="insufficient_scope", scope="banking:write"')
  t.equal(refused.json().message, 'Writing /banking/iban takes the scope banking:write.')
  isRefusal(t, await patch('profile contact', { name: 'New' }), 403, /scope="profile:write"/, 'reading is not writing')
  isRefusal(t, await patch('', { name: 'New' }), 403, /scope="profile:write"/)
  t.strictSame(reached, [])
  t.strictSame((await patch('profile:write', { name: 'New', age: 7 })).json(), { ok: true })
  t.strictSame((await patch('profile:write banking:write', { name: 'New', banking: { iban: 'x', balance: 1 } })).json(), { ok: true })
  t.strictSame((await patch('', { id: 'c2' })).json(), { ok: true }, 'ANY_TOKEN')
  t.equal(reached.length, 3)
})

t.test('D91 a member that no scope writes → 403 that says so', async t => {
  const { patch } = await writing(t, CustomerPatch, { options: { policy: { claimSets: { profile_claims: {}, contact_claims: {}, address_claims: {}, banking_claims: {} }, scopes: { profile: { reads: ['profile_claims'] } }, roles: {} } } })
  const response = await patch('profile', { name: 'New' })
  isRefusal(t, response, 403, 'Bearer error="insufficient_scope"')
  t.equal(response.json().message, 'Writing /name is what no scope of the policy allows.')
})

t.test('D93 Fastify would drop the member → 403 comes first', async t => {
  const closed = Type.Partial(Type.Pick(Customer, ['name', 'banking']), { additionalProperties: false })
  for (const removeAdditional of [true, 'all', 'failing', false] as const) {
    const { patch, reached } = await writing(t, closed, { server: { ajv: { customOptions: { removeAdditional } } } })
    isRefusal(t, await patch('profile:write', { name: 'New', banking: { iban: SECRET, balance: 1 } }), 403, /scope="banking:write"/, String(removeAdditional))
    t.equal((await patch('profile:write', { name: 'New', isAdmin: true })).statusCode, 400, `${removeAdditional}: what is not declared is not dropped either`)
    t.strictSame(reached, [])
  }
})

t.test('D95 null and lists that would be coerced → taken as what they are', async t => {
  const { patch, reached } = await writing(t, CustomerPatch)
  for (const value of [null, ['x'], '', 0, false]) {
    isRefusal(t, await patch('address:write', { name: value }), 403, /scope="profile:write"/, JSON.stringify(value))
    isRefusal(t, await patch('address:write', { banking: value }), 403, /scope="banking:write"/, `banking ${JSON.stringify(value)}`)
  }
  t.strictSame(reached, [])
})

t.test('D96 a member that the schema does not declare → 400 with its pointer, whatever additionalProperties says by default', async t => {
  const { patch, reached } = await writing(t, CustomerPatch)
  for (const [member, pointer] of [['isAdmin', '/isAdmin'], ['a/b~c', '/a~1b~0c'], ['NAME', '/NAME'], ['name ', '/name '], ['claimSet', '/claimSet'], ['toString', '/toString'], ['', '/']] as const) {
    const response = await patch('profile:write banking:write address:write', { name: 'New', [member]: true })
    t.equal(response.statusCode, 400, member)
    t.strictSame(response.json(), { statusCode: 400, code: 'FST_KEYHOLE_FIELD_UNKNOWN', error: 'Bad Request', message: `The body has a field that is not declared here: ${pointer}` }, member)
  }
  t.strictSame(reached, [])
  const open = await writing(t, Type.Object({ name: claimSet('profile_claims', Type.String()) }, { additionalProperties: claimSet('banking_claims', Type.String()) }))
  isRefusal(t, await open.patch('profile:write', { name: 'New', anything: SECRET }), 403, /scope="banking:write"/, 'governed additionalProperties')
  t.equal((await open.patch('profile:write banking:write', { name: 'New', anything: 'x' })).statusCode, 200)
})

t.test('D97 a media type that the route does not take → 415, before validation', async t => {
  const content = { content: { 'Application/JSON': { schema: CustomerPatch }, 'application/merge-patch+json': { schema: Type.Pick(CustomerPatch, ['name']) } } }
  const routes = (api: FastifyInstance) => {
    for (const type of ['application/merge-patch+json', 'application/vnd.other+json']) api.addContentTypeParser(type, { parseAs: 'string' }, api.getDefaultJsonParser('error', 'error'))
    api.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => done(null, Object.fromEntries(new URLSearchParams(body as string))))
  }
  const { patch, reached } = await writing(t, content, { routes })
  const as = (type: string, payload = '{"name":"New"}') => patch('profile:write', payload, { headers: { 'content-type': type } })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/vnd.other+json', 'multipart/form-data; boundary=x', 'application/octet-stream']) {
    t.equal((await as(type)).statusCode, 415, type)
  }
  t.equal((await as('text/plain')).json().message, 'This route takes a body of application/json, application/merge-patch+json.')
  t.equal((await as('text/plain')).statusCode, 415)
  t.strictSame(reached, [])
  for (const type of ['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON', 'application/merge-patch+json']) t.equal((await as(type)).statusCode, 200, type)
  const wrong = await as('application/json', '{"name":{}}')
  t.equal(wrong.statusCode, 400, 'a media type in capitals in the schema is validated')
  t.equal(wrong.json().code, 'FST_ERR_VALIDATION')
  const other = await as('application/merge-patch+json', '{"age":1}')
  t.equal(other.json().code, 'FST_KEYHOLE_FIELD_UNKNOWN', 'each media type by its own schema')
})

t.test('D97 text where the schema is an object → never the handler\'s', async t => {
  const { patch, reached } = await writing(t, CustomerPatch)
  const text = await patch('profile:write', 'name=New', { headers: { 'content-type': 'text/plain' } })
  isRefusal(t, text, 403, /insufficient_scope/)
  const all = await patch('profile:write address:write banking:write', 'name=New', { headers: { 'content-type': 'text/plain' } })
  t.equal(all.statusCode, 400)
  t.strictSame(reached, [])
})

t.test('a body where the route declares none → 415', async t => {
  const { patch, reached } = await writing(t, undefined)
  t.strictSame((await patch('profile:write', { name: 'New' })).json(), { statusCode: 415, code: 'FST_KEYHOLE_MEDIA_TYPE_REFUSED', error: 'Unsupported Media Type', message: 'This route takes no body.' })
  t.equal((await patch('', undefined)).statusCode, 200, 'none at all')
  t.strictSame(reached, [undefined])
})

t.test('D98 a forbidden member nested, in a list, in a union, behind a reference, by a pattern, with escapes → 403', async t => {
  const Deep = Type.Object({
    list: Type.Optional(Type.Array(Type.Object({ name: Type.Optional(claimSet('profile_claims', Type.String())), iban: Type.Optional(claimSet('banking_claims', Type.String())) }))),
    tuple: Type.Optional(Type.Tuple([claimSet('profile_claims', Type.String()), claimSet('banking_claims', Type.String())])),
    union: Type.Optional(Type.Union([
      Type.Object({ kind: claimSet(ANY_TOKEN, Type.Literal('a')), name: Type.Optional(claimSet('profile_claims', Type.String())) }),
      Type.Object({ kind: claimSet(ANY_TOKEN, Type.Literal('b')), iban: Type.Optional(claimSet('banking_claims', Type.String())) })
    ])),
    shared: Type.Optional(Type.Unsafe({ $ref: 'Shared#' }))
  }, { patternProperties: { '^x-': claimSet('banking_claims', Type.String()) } })
  const { patch, reached } = await writing(t, Deep, { routes: api => api.addSchema({ $id: 'Shared', type: 'object', properties: { iban: { type: 'string', claimSet: 'banking_claims' }, name: { type: 'string', claimSet: 'profile_claims' } } }) })
  const refused: Record<string, string> = {
    '/list/999/iban': JSON.stringify({ list: [...Array.from({ length: 999 }, () => ({ name: 'a' })), { iban: SECRET }] }),
    '/tuple/1': '{"tuple":["a","b"]}',
    '/union/iban': '{"union":{"kind":"a","iban":"b"}}',
    '/shared/iban': '{"shared":{"name":"a","iban":"b"}}',
    '/x-a': '{"x-a":"b"}',
    '/list/0/iban': '{"list":[{"\\u0069b\\u0061n":"b"}]}'
  }
  for (const [pointer, payload] of Object.entries(refused)) {
    const response = await patch('profile:write', payload, { headers: { 'content-type': 'application/json' } })
    isRefusal(t, response, 403, /scope="banking:write"/, pointer)
    t.equal(response.json().message, `Writing ${pointer} takes the scope banking:write.`)
  }
  t.strictSame(reached, [])
  t.equal((await patch('profile:write', { list: [{ name: 'a' }], union: { kind: 'a', name: 'a' }, shared: { name: 'a' } })).statusCode, 200)
})

t.test('D99 one member twice → the one that counts is the one that is looked at', async t => {
  const { patch, reached } = await writing(t, CustomerPatch)
  const json = (text: string) => patch('profile:write', text, { headers: { 'content-type': 'application/json' } })
  isRefusal(t, await json('{"banking":{"iban":"a"},"name":"a","banking":{"balance":1}}'), 403, /banking:write/)
  t.equal((await json('{"name":"a","name":"b"}')).statusCode, 200)
  t.strictSame(reached, [{ name: 'b' }])
})

t.test('D100 names that look like paths or operators → not declared', async t => {
  const { patch } = await writing(t, CustomerPatch)
  for (const name of ['banking.iban', 'banking[iban]', '$set', '$where', 'banking/iban', 'name,banking']) t.equal((await patch('profile:write', { [name]: 'x' })).json().code, 'FST_KEYHOLE_FIELD_UNKNOWN', name)
})

t.test('D102 null and {} that would erase what is beneath → 403 unless all of it may be written', async t => {
  const { patch, reached } = await writing(t, Type.Partial(Type.Object({
    ...Customer.properties, mixed: Type.Object({ name: claimSet('profile_claims', Type.String()), iban: claimSet('banking_claims', Type.String()) })
  })))
  for (const body of [{ banking: null }, { banking: {} }, { mixed: null }, { mixed: {} }]) isRefusal(t, await patch('profile:write', body), 403, /scope="banking:write"/, JSON.stringify(body))
  t.strictSame(reached, [])
  t.not((await patch('profile:write banking:write', { mixed: {} })).statusCode, 403)
})

t.test('D102 a body that is a list, or null → looked at whole', async t => {
  const { patch, reached } = await writing(t, Type.Array(Type.Partial(Customer)))
  isRefusal(t, await patch('profile:write', [{ name: 'a' }, { banking: { iban: 'b' } }]), 403, /banking:write/)
  isRefusal(t, await patch('profile:write', []), 403, /insufficient_scope/, 'an empty list erases')
  t.strictSame(reached, [])
  t.equal((await patch('profile:write', [{ name: 'a' }])).statusCode, 200)
})

t.test('D106 a validation error → what was wrong, never a value', async t => {
  const { patch } = await writing(t, CustomerPatch, { server: { ajv: { customOptions: { allErrors: true, verbose: true } } } })
  const response = await patch('profile:write', { age: SECRET })
  t.strictSame(response.json(), { statusCode: 400, code: 'FST_ERR_VALIDATION', error: 'Bad Request', message: 'body/age must be integer' })
  const own = await writing(t, CustomerPatch, { routes: api => api.setSchemaErrorFormatter((_errors, part) => new Error(`the ${part} does not fit`)) })
  t.equal((await own.patch('profile:write', { age: { a: 1 } })).json().message, 'the body does not fit', 'a formatter of the application')
})

t.test('D110 prototype keys, taken by the application\'s parser → not inherited, not declared', async t => {
  const { patch, reached } = await writing(t, CustomerPatch, { server: { onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' } })
  for (const text of ['{"__proto__":{"name":"x"}}', '{"constructor":{"prototype":{"isAdmin":true}}}', '{"__proto__":null}']) {
    const response = await patch('profile:write', text, { headers: { 'content-type': 'application/json' } })
    t.equal(response.json().code, 'FST_KEYHOLE_FIELD_UNKNOWN', text)
  }
  t.strictSame(reached, [])
})

t.test('a body that cannot be parsed → 400 after the token was checked', async t => {
  const { patch, app } = await writing(t, CustomerPatch)
  const bad = { headers: { 'content-type': 'application/json' } }
  t.equal((await patch('profile:write', '{', bad)).statusCode, 400)
  isRefusal(t, await app.inject({ method: 'PATCH', url: '/', payload: '{', ...bad }), 401, ASKED)
})

t.test('a write check on a route with an own preValidation, and validation attached → still first', async t => {
  const order: string[] = []
  const { get } = await guardedApp(t, api => {
    api.addHook('preValidation', async () => { order.push('context') })
    api.put('/', {
      schema: { body: CustomerPatch, response: { 200: Reply } }, attachValidation: true, preValidation: [async () => { order.push('route') }]
    }, async request => { order.push(request.validationError === undefined ? 'valid' : 'invalid'); return { ok: true } })
  })
  isRefusal(t, await get('/', 'profile:write', { method: 'PUT', payload: { banking: {} } }), 403, /banking:write/)
  t.strictSame(order, ['context', 'route'])
  t.equal((await get('/', 'profile:write', { method: 'PUT', payload: { age: 'x' } })).statusCode, 200)
  t.strictSame(order.slice(2), ['context', 'route', 'invalid'])
})

t.test('a body schema of the application\'s validator compiler → it gets no annotation, and TypeBox still knows its types', async t => {
  const { TypeCompiler } = await import('@sinclair/typebox/compiler')
  const seen: string[] = []
  const { patch } = await writing(t, CustomerPatch, {
    routes: api => api.setValidatorCompiler(({ schema }) => {
      seen.push(JSON.stringify(schema))
      const check = TypeCompiler.Compile(schema as TSchema)
      return value => check.Check(value) ? { value } : { error: new Error('no') }
    })
  })
  t.equal((await patch('profile:write', { age: 1 })).statusCode, 200)
  t.equal((await patch('profile:write', { age: '1' })).statusCode, 400)
  isRefusal(t, await patch('profile:write', { banking: null }), 403, /banking:write/)
  t.ok(seen.length > 0)
  t.notMatch(seen.join(), 'claimSet')
})

const Query = Type.Object({
  page: Type.Optional(Type.Integer()),
  name: Type.Optional(claimSet(['profile_claims', 'contact_claims'], Type.String())),
  balance: Type.Optional(claimSet('banking_claims', Type.Number())),
  filter: Type.Optional(Type.Object({ balance: Type.Optional(claimSet('banking_claims', Type.Number())) }))
})

async function asking (t: Test, querystring: TSchema | undefined, server: Setting['server'] = {}) {
  const reached: unknown[] = []
  const { get } = await guardedApp(t, api => {
    api.get('/', { schema: { ...(querystring === undefined ? {} : { querystring }), response: { 200: Reply } } }, async request => {
      reached.push({ ...request.query as object })
      return { ok: true }
    })
  }, { server })
  return { get, reached }
}

t.test('D77 D83 a query field that the token may not read → 403 with the scopes that would do, before the handler', async t => {
  const { get, reached } = await asking(t, Query)
  for (const url of ['/?balance=5', '/?page=1&balance=5', '/?balance=5&balance=6', '/?b%61lance=5', '/?balance=']) {
    const response = await get(url, 'profile')
    isRefusal(t, response, 403, 'Bearer error="insufficient_scope", scope="banking"', url)
    t.equal(response.json().message, 'The query field balance takes the scope banking.')
  }
  isRefusal(t, await get('/?name=x', 'address'), 403, /scope="profile contact"|scope="contact profile"/)
  t.strictSame(reached, [])
  t.equal((await get('/?balance=5&name=x&page=2', 'contact banking')).statusCode, 200)
  t.equal((await get('/?page=2', '')).statusCode, 200)
  t.strictSame(reached, [{ balance: 5, name: 'x', page: 2 }, { page: 2 }])
})

t.test('D82 D84 a query key that is not declared → dropped before the handler', async t => {
  const { get, reached } = await asking(t, Query)
  for (const url of ['/?orderBy=balance', '/?SORT=balance', '/?filter[balance]=5', '/?balance[gt]=5', '/?__proto__=1', '/?constructor=1', '/?balance%20=5']) t.equal((await get(url, 'profile')).statusCode, 200, url)
  t.strictSame(reached, Array.from({ length: 7 }, () => ({})))
  const none = await asking(t, undefined)
  t.equal((await none.get('/?a=1&b=2')).statusCode, 200)
  t.strictSame(none.reached, [{}], 'no schema: no keys')
})

t.test('D84 a nested query, by a parser of the application → looked at as deep as it goes', async t => {
  const querystringParser = (text: string) => ({ filter: Object.fromEntries(new URLSearchParams(text)) })
  const { get, reached } = await asking(t, Query, { routerOptions: { querystringParser } } as Setting['server'])
  isRefusal(t, await get('/?balance=5', 'profile'), 403, /scope="banking"/)
  t.strictSame(reached, [])
  t.equal((await get('/?balance=5', 'banking')).statusCode, 200)
})

t.test('claim sets on params and headers → no boot, since nobody asks about them there', async t => {
  const fault = /: \(the whole value\): claim sets are not asked about here\. Take claimSet\(\.\.\.\) off/
  const schema = Type.Object({ iban: claimSet('banking_claims', Type.String()) })
  t.match(await bootFaults(t, api => { api.get('/:iban', { schema: { params: schema, headers: schema } }, async () => ({})) }), [/^GET \/:iban, params/, /^GET \/:iban, headers/])
  t.match(await bootFaults(t, api => { api.get('/:iban', { schema: { params: schema } }, async () => ({})) }), [fault])
})

t.test('what stands against body and query schemas → no boot, together with the rest', async t => {
  const body = { content: { 'application/json': { schema: Type.Object({ a: Type.String() }) }, 'application/x+json': { schema: Type.Object({ b: claimSet('x', Type.String()) }) } } }
  const policy = 'profile_claims, contact_claims, address_claims, banking_claims'
  t.strictSame(await bootFaults(t, api => {
    api.post('/', { schema: { body, querystring: Type.Object({ q: claimSet('y', Type.String()) }), response: { 200: Type.Object({ c: Type.String() }) } } }, async () => ({}))
    api.put('/', { schema: { body: Type.Object({ d: Type.Any() }) } }, async () => ({}))
  }), [
    `POST /, body, application/json: no claim set on /a. Wrap them in claimSet(...) with ${policy} or ANY_TOKEN, or annotate their parent.`,
    `POST /, body, application/x+json: unknown claim set 'x' on /b. The policy has ${policy}.`,
    `POST /, querystring: unknown claim set 'y' on /q. The policy has ${policy}.`,
    `POST /, response 200: no claim set on /c. Wrap them in claimSet(...) with ${policy} or ANY_TOKEN, or annotate their parent.`,
    'PUT /, body: /d: it has no type, so it is written without being looked at. Give it a type, or annotate the field itself with claimSet(...) to release it as one value.'
  ])
})

t.test('a public route → its body and query are its own', async t => {
  const { get } = await guardedApp(t, api => {
    api.post('/', { config: { keyhole: { public: true } }, schema: { body: Customer } }, async request => ({ body: request.body, query: request.query }))
  })
  const { statusCode } = await get('/?a=1', null, { method: 'POST', payload: { id: 'a', name: 'b', age: 1, more: 1 } })
  t.equal(statusCode, 400, 'its schema is what validates')
  const response = await get('/?a=1', null, { method: 'POST', payload: { id: 'a', name: 'b', age: 1, address: { street: 's', city: 'c' }, banking: { iban: 'i', balance: 1 }, more: 1 } })
  t.strictSame(response.json().query, { a: '1' })
  t.equal(response.json().body.more, 1)
})

t.test('a body without a media type, taken by a parser for any → looked at by the schema for any', async t => {
  const routes = (api: FastifyInstance) => {
    api.addContentTypeParser('*', { parseAs: 'string' }, api.getDefaultJsonParser('error', 'error'))
  }
  const { patch, reached } = await writing(t, CustomerPatch, { routes })
  isRefusal(t, await patch('profile:write', '{"banking":{}}'), 403, /banking:write/)
  t.equal((await patch('profile:write', '{"name":"New"}')).statusCode, 200)
  t.strictSame(reached, [{ name: 'New' }])
  const typed = await writing(t, { content: { 'application/json': { schema: CustomerPatch } } }, { routes })
  t.equal((await typed.patch('profile:write', '{"name":"New"}')).statusCode, 415)
})

t.test('a boolean as body schema → no body is taken', async t => {
  const { patch } = await writing(t, true as unknown as object)
  t.equal((await patch('profile:write', { name: 'New' })).statusCode, 415)
})
