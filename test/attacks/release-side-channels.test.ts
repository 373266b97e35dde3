import { gunzipSync } from 'node:zlib'
import compress from '@fastify/compress'
import etag from '@fastify/etag'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { ANY_TOKEN, claimSet } from 'fastify-keyhole'
import { guardedApi, Customer, DOCUMENT, jane, SECRET, wire, type Api, type Row } from './guarded-customers.js'

/** What an answer says beside its fields: headers, lengths, statuses, errors, and what another token gets. */

const Page = Type.Object({ items: Type.Array(Customer), total: claimSet('banking_claims', Type.Integer()) })

const ALL = 'profile address banking'

/** A guarded `GET /customer` and `GET /customers` over rows that a test can change. */
async function customers (t: Test, rows: Row[], before: (api: Api['app']) => unknown = () => {}): Promise<Api> {
  return guardedApi(t, async api => {
    await before(api)
    api.get('/customer', { schema: { response: { 200: Customer } } }, async () => rows[0]!)
    api.get('/customers', { schema: { response: { 200: Page } } }, async () => ({ items: rows, total: rows.length }))
  })
}

t.test('D58 an ETag → over the released bytes: the same where only withheld data differs, another for another view', async t => {
  const rows = [jane()]
  const { request } = await customers(t, rows, api => api.register(etag))
  const first = (await request('profile', '/customer')).headers.etag
  const whole = (await request(ALL, '/customer')).headers.etag
  rows[0] = jane({ iban: 'other', balance: 2 })
  t.ok(first)
  t.equal((await request('profile', '/customer')).headers.etag, first)
  t.not((await request(ALL, '/customer')).headers.etag, whole)
  rows[0] = { ...rows[0]!, name: 'Joan' }
  t.not((await request('profile', '/customer')).headers.etag, first)
})

t.test('D60 If-None-Match with the ETag of another view → no oracle: the same for any change of what is withheld', async t => {
  const rows = [jane()]
  const { request } = await customers(t, rows, api => api.register(etag))
  const whole = (await request(ALL, '/customer')).headers.etag as string
  const mine = (await request('profile', '/customer')).headers.etag as string
  for (const balance of [1, 2]) {
    rows[0] = jane({ balance })
    t.equal((await request('profile', { url: '/customer', headers: { 'if-none-match': whole } })).statusCode, 200)
    const unchanged = await request('profile', { url: '/customer', headers: { 'if-none-match': mine } })
    t.equal(unchanged.statusCode, 304)
    t.equal(unchanged.body, '')
  }
})

t.test('D61 lengths → the same where only withheld data differs', async t => {
  const rows = [jane()]
  const { request } = await customers(t, rows)
  for (const url of ['/customer', '/customers']) {
    for (const method of ['GET', 'HEAD'] as const) {
      rows[0] = jane({ iban: '' })
      const short = wire(await request('profile', { method, url }))
      rows[0] = jane({ iban: SECRET.repeat(1000), balance: 1e100 })
      t.strictSame(wire(await request('profile', { method, url })), short, `${method} ${url}`)
      t.ok(Number(short.headers['content-length']) > 0)
    }
  }
})

t.test('D61 a body compressed by the application → of the released bytes alone, so its length says nothing of others', async t => {
  const rows = [jane()]
  const { request } = await customers(t, rows, api => api.register(compress, { threshold: 0 }))
  const headers = { 'accept-encoding': 'gzip' }
  const one = await request('profile', { url: '/customers', headers })
  rows[0] = jane({ iban: 'Jane'.repeat(1000) })
  t.strictSame(wire(await request('profile', { url: '/customers', headers })), wire(one))
  t.equal(one.headers['content-encoding'], 'gzip')
  t.equal(gunzipSync(one.rawPayload).toString(), '{"items":[{"id":"c1","name":"Jane"}]}')
})

t.test('D62 what one token gets → nobody keeps for another, unless the application lets its client keep it', async t => {
  const { request } = await guardedApi(t, api => {
    for (const [name, value] of [['none', undefined], ['private', 'private, max-age=5'], ['public', 'public, max-age=5'], ['shared', 's-maxage=5']] as const) {
      api.get(`/${name}`, { schema: { response: { 200: Customer } } }, async (_request, reply) => {
        if (value !== undefined) reply.header('cache-control', value)
        return jane()
      })
    }
  })
  t.equal((await request('profile', '/none')).headers['cache-control'], 'no-store')
  const kept = await request('profile', '/private')
  t.equal(kept.headers['cache-control'], 'private, max-age=5')
  t.equal(kept.headers.vary, 'Authorization')
  for (const url of ['/public', '/shared']) {
    const refused = await request('profile', url)
    t.equal(refused.statusCode, 500)
    t.equal(refused.headers['cache-control'], 'no-store')
    t.notMatch(refused.body, /Jane/)
  }
})

t.test('D63 a handler that remembers rows, first asked for everything → each token still gets its own', async t => {
  const memory = new Map<string, Row>()
  const { request } = await guardedApi(t, api => {
    api.get('/customer', { schema: { response: { 200: Customer } } }, async () => {
      if (!memory.has('c1')) memory.set('c1', jane())
      return memory.get('c1')!
    })
  })
  for (const scope of [ALL, 'profile', '', ALL, 'profile']) {
    const { body } = await request(scope, '/customer')
    t.equal(body.includes(SECRET), scope === ALL, scope)
    t.equal(body.includes('Jane'), scope !== '', scope)
  }
})

t.test('D64 a withheld value → is not visited, however large it is', async t => {
  let visits = 0
  const watched = (target: object): object => new Proxy(target, {
    get (object, name, receiver) {
      visits++
      return Reflect.get(object, name, receiver)
    },
    ownKeys (object) {
      visits++
      return Reflect.ownKeys(object)
    }
  })
  const banking = watched({ iban: 'x'.repeat(10_000_000), balance: 1 })
  const { request } = await customers(t, [{ ...jane(), banking: banking as Row['banking'] }])
  t.equal((await request('profile', '/customer')).json().name, 'Jane')
  t.equal(visits, 0)
  t.equal((await request('banking', '/customer')).json().banking.balance, 1)
  t.ok(visits > 0)
})

t.test('D66 totals over withheld fields → annotated like them', async t => {
  const { request } = await customers(t, [jane()])
  t.strictSame((await request('profile', '/customers')).json(), { items: [{ id: 'c1', name: 'Jane' }] })
  t.equal((await request('banking', '/customers')).json().total, 1)
})

t.test('D69 the log → names routes and statuses, no withheld value and no token', async t => {
  const api = await guardedApi(t, api => {
    api.get('/customer', { schema: { response: { 200: Customer } } }, async () => jane())
    api.get('/stray', { schema: { response: { 200: Customer } } }, async (_request, reply) => reply.send(JSON.stringify(jane())))
  })
  await api.request('profile', '/customer')
  t.equal((await api.request('profile', '/stray')).statusCode, 500)
  t.match(api.log(), /GET \/stray/)
  t.notMatch(api.log(), /SECRET|eyJ/)
})

t.test('D70 a Range over a filtered body → ignored: the whole of what is released', async t => {
  const { request } = await customers(t, [jane()])
  const whole = wire(await request('profile', '/customer'))
  for (const range of ['bytes=0-5', 'bytes=-500', 'bytes=30-']) t.strictSame(wire(await request('profile', { url: '/customer', headers: { range } })), whole, range)
})

t.test('D71 switches of format in the query → no other view', async t => {
  const { request } = await customers(t, [jane()])
  const whole = wire(await request('profile', '/customer'))
  for (const query of ['callback=x', 'jsonp=x', 'pretty=1', 'format=csv', 'fields=banking', 'include=banking', 'view=admin', 'claimSet=banking_claims', 'scope=banking']) {
    t.strictSame(wire(await request('profile', `/customer?${query}`)), whole, query)
  }
})

t.test('D88 headers that ask for another representation → no other view', async t => {
  const { request } = await customers(t, [jane()])
  const whole = wire(await request('profile', '/customer'))
  for (const headers of [{ prefer: 'return=representation' }, { 'x-fields': 'banking' }, { accept: 'application/xml' }, { accept: 'application/json; profile="full"' }, { 'accept-language': 'banking' }, { 'x-http-method-override': 'PATCH' }]) {
    t.strictSame(wire(await request('profile', { url: '/customer', headers })), whole, JSON.stringify(headers))
  }
})

t.test('D72 a field that is known but withheld, and one that is not known → told apart: names are public, values are not', async t => {
  const { request } = await guardedApi(t, api => {
    api.get('/customers', { schema: { querystring: Type.Object({ iban: Type.Optional(claimSet('banking_claims', Type.String())) }), response: { 200: Page } } }, async () => ({ items: [jane()], total: 1 }))
  })
  const known = await request('profile', '/customers?iban=x')
  t.equal(known.statusCode, 403)
  t.strictSame(wire(await request('profile', `/customers?iban=${SECRET}`)), wire(known), 'whether the value is right makes no difference')
  t.equal((await request('profile', '/customers?ibn=x')).statusCode, 200)
})

t.test('D112 a route whose schema has a field without annotation → does not boot: nothing is released by default', async t => {
  const api = await guardedApi(t, api => { api.get('/', { schema: { response: { 200: Type.Object({ id: claimSet(ANY_TOKEN, Type.String()), nickname: Type.String() }) } } }, async () => ({ id: '1', nickname: 'n' })) })
  await t.rejects(async () => api.app.ready(), {
    code: 'FST_KEYHOLE_ROUTE_INVALID',
    message: 'These routes cannot be guarded as they stand:\n' +
      '  GET /, response 200: no claim set on /nickname. Wrap them in claimSet(...) with profile_claims, address_claims, banking_claims or ANY_TOKEN, or annotate their parent.'
  })
})

t.test('D113 allOf, a $ref with siblings, a union → no way for a write around its claim sets', async t => {
  const written: unknown[] = []
  const id = claimSet(ANY_TOKEN, Type.String())
  const iban = claimSet('banking_claims', Type.String())
  const bodies: Record<string, object> = {
    allOf: { allOf: [Type.Object({ id }), Type.Object({ iban: Type.Optional(iban) })] },
    ref: { $ref: '#/definitions/Base', properties: { iban }, definitions: { Base: Type.Object({ id }) } },
    union: { anyOf: [Type.Object({ id }), Type.Object({ iban })] },
    conditional: { ...Type.Object({ id }), if: { required: ['iban'] }, then: { properties: { iban } } }
  }
  const { request } = await guardedApi(t, api => {
    for (const [name, body] of Object.entries(bodies)) {
      api.post(`/${name}`, { schema: { body, response: { 200: Type.Object({ id }) } } }, async request => { written.push(request.body); return { id: '1' } })
    }
  }, { ajv: { customOptions: { strict: false } } })
  for (const name of Object.keys(bodies)) {
    const refused = await request('banking profile:write', { method: 'POST', url: `/${name}`, payload: { id: '1', iban: 'x' } })
    t.equal(refused.statusCode, 403, name)
    t.match(refused.headers['www-authenticate'], /scope="banking:write"/, name)
    t.equal((await request('banking:write', { method: 'POST', url: `/${name}`, payload: { id: '1', iban: 'x' } })).statusCode, 200, name)
  }
  t.equal(written.length, 4)
})

t.test('D114 every status of a route, its errors too → the same bytes where only withheld data differs', async t => {
  const statuses = [200, 201, 400, 404, 409, 500, 503]
  let row = jane()
  const { request } = await guardedApi(t, api => {
    api.get('/:status', { schema: { response: { '2xx': Customer, 404: Customer } } }, async (request, reply) => {
      reply.status(Number((request.params as { status: string }).status))
      return row
    })
    api.get('/thrown/:status', { schema: { response: { 200: Customer } } }, async request => {
      throw Object.assign(new Error(`no customer with ${row.banking.iban}`), { statusCode: Number((request.params as { status: string }).status), row, code: row.banking.iban.toUpperCase().replace(/\W/g, '_') })
    })
  })
  for (const status of statuses) {
    for (const url of [`/${status}`, `/thrown/${status}`]) {
      row = jane({ iban: 'one-1' })
      const one = wire(await request('profile', url))
      row = jane({ iban: SECRET.toLowerCase(), balance: 1e9 })
      const other = wire(await request('profile', url))
      if (url.startsWith('/thrown') && status >= 400 && status < 500) {
        t.notMatch(one.body, /no customer/, url)
        t.match(JSON.parse(one.body), { code: 'ONE_1' }, `${url}: an upper-case code is the application's to choose, and goes out`)
      } else {
        t.strictSame(other, one, url)
        t.notMatch(other.body, /secret|1000000000/i, url)
      }
    }
  }
})

t.test('D115 another field made of a withheld one → refused at boot until it is annotated like that one', async t => {
  const Aliased = (alias: object) => Type.Object({ ...Customer.properties, ibanLast4: alias as ReturnType<typeof Type.String> })
  const bare = await guardedApi(t, api => { api.get('/', { schema: { response: { 200: Aliased(Type.String()) } } }, async () => ({ ...jane(), ibanLast4: '4711' })) })
  await t.rejects(async () => bare.app.ready(), { message: /no claim set on \/ibanLast4\./ })
  const { request } = await guardedApi(t, api => { api.get('/', { schema: { response: { 200: Aliased(claimSet('banking_claims', Type.String())) } } }, async () => ({ ...jane(), ibanLast4: '4711' })) })
  t.notMatch((await request('profile', '/')).body, /4711/)
  t.match((await request('banking', '/')).body, /"ibanLast4":"4711"/)
})

t.test('D116 a route for counts or suggestions without a response schema → nothing of it leaves', async t => {
  const api = await guardedApi(t, api => {
    api.get('/suggest', async () => [SECRET])
    api.get('/count', async () => ({ balance: 1 }))
  })
  for (const url of ['/suggest', '/count']) {
    const { statusCode, body } = await api.request(ALL, url)
    t.equal(statusCode, 500, url)
    t.notMatch(body, /SECRET|balance/)
  }
})

t.test('D117 several scopes → the union of what each releases, and no more', async t => {
  const { request } = await customers(t, [jane()])
  t.strictSame((await request('profile banking', '/customer')).json(), jane())
  t.strictSame((await request('profile address', '/customer')).json(), { id: 'c1', name: 'Jane' })
  t.strictSame((await request('banking banking', '/customer')).json(), { id: 'c1', banking: jane().banking })
})

t.test('D118 a list that is empty → the required scope is asked for before', async t => {
  let handled = 0
  const { request } = await guardedApi(t, api => {
    api.get('/', { config: { keyhole: { scope: 'banking' } }, schema: { response: { 200: Page } } }, async () => { handled++; return { items: [], total: 0 } })
  })
  t.equal((await request('profile', '/')).statusCode, 403)
  t.equal(handled, 0)
  t.equal((await request('banking', '/')).statusCode, 200)
})

t.test('D74 the policy narrowed while the answer is made → the view of its beginning, never a mix', async t => {
  const started = deferred()
  const goOn = deferred()
  const { request, policy } = await guardedApi(t, api => {
    api.get('/customer', { schema: { response: { 200: Customer } } }, async () => {
      started.resolve()
      await goOn.promise
      return jane()
    })
  })
  const answer = request('profile banking', '/customer')
  await started.promise
  policy.replace({ ...DOCUMENT, scopes: { ...DOCUMENT.scopes, banking: {}, profile: {} } })
  goOn.resolve()
  t.strictSame((await answer).json(), jane())
  t.strictSame((await request('profile banking', '/customer')).json(), { id: 'c1' })
})

function deferred () {
  let resolve!: () => void
  const promise = new Promise<void>(_resolve => { resolve = _resolve })
  return { promise, resolve }
}
