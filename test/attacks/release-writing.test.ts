import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { ANY_TOKEN, claimSet } from 'fastify-keyhole'
import { guardedApi, Customer, jane, SECRET, wire, type Api, type Row } from './guarded-customers.js'

/** What a client could reach, learn or erase by writing. */

const Changes = Type.Object({
  name: Type.Optional(claimSet('profile_claims', Type.String({ minLength: 1 }))),
  banking: Type.Optional(claimSet('banking_claims', Type.Partial(Type.Object({ iban: Type.String(), balance: Type.Number() }))))
}, { additionalProperties: false })

interface Writing extends Api {
  /** The customer that is written to. */
  readonly row: Row
  send (scope: string, payload: unknown, method?: 'PATCH' | 'PUT' | 'POST'): ReturnType<Api['request']>
}

async function writing (t: Test, server: Parameters<typeof guardedApi>[2] = {}, before: (api: Api['app']) => unknown = () => {}): Promise<Writing> {
  const row = jane()
  const api = await guardedApi(t, async api => {
    await before(api)
    api.patch('/customer', { schema: { body: Changes, response: { 200: Customer } } }, async ({ body }) => {
      const { name, banking } = body as Partial<Row>
      if (name !== undefined) row.name = name
      Object.assign(row.banking, banking)
      return row
    })
    api.put('/customer', { schema: { body: Type.Required(Changes), response: { 200: Customer } } }, async ({ body }) => Object.assign(row, body))
    api.post('/customers', { schema: { body: Changes, response: { 200: Customer } } }, async ({ body }) => {
      if ((body as Partial<Row>).name === 'Jane') throw Object.assign(new Error(`duplicate key value violates unique constraint: iban=${row.banking.iban}`), { statusCode: 409, code: '23505', detail: row })
      return row
    })
  }, server)
  return {
    ...api,
    row,
    send: (scope, payload, method = 'PATCH') => api.request(scope, { method, url: method === 'POST' ? '/customers' : '/customer', payload: payload as object })
  }
}

t.test('D91 a member outside of the write view → 403, and nothing of the body was written', async t => {
  const { send, row } = await writing(t)
  const refused = await send('profile profile:write', { name: 'New', banking: { iban: 'x' } })
  t.equal(refused.statusCode, 403)
  t.match(refused.headers['www-authenticate'], 'Bearer error="insufficient_scope", scope="banking:write"')
  t.strictSame(row, jane())
})

t.test('D92 reading does not write; writing does not read', async t => {
  const { send, row } = await writing(t)
  t.equal((await send('profile', { name: 'New' })).statusCode, 403)
  t.strictSame(row, jane())
  const blind = await send('banking:write', { banking: { iban: 'new' } })
  t.equal(blind.statusCode, 200)
  t.equal(blind.body, '{"id":"c1"}')
  t.equal(row.banking.iban, 'new')
  t.strictSame((await send('profile profile:write', { name: 'New' })).json(), { id: 'c1', name: 'New' })
})

t.test('D103 PUT by a token that does not see all → refused, whether it leaves the rest out or sends it', async t => {
  const { send, row } = await writing(t)
  t.equal((await send('profile:write', { name: 'New' }, 'PUT')).statusCode, 400)
  t.equal((await send('profile:write', { name: 'New', banking: null }, 'PUT')).statusCode, 403)
  t.equal((await send('profile:write', { name: 'New', banking: {} }, 'PUT')).statusCode, 403)
  t.strictSame(row, jane())
  t.equal((await send('profile:write banking:write', { name: 'New', banking: { iban: 'x', balance: 2 } }, 'PUT')).statusCode, 200)
})

t.test('D104 a conflict on a withheld column → 409 without column, value or the database\'s words', async t => {
  const { send } = await writing(t)
  const conflict = await send('profile:write', { name: 'Jane' }, 'POST')
  t.equal(conflict.statusCode, 409)
  t.strictSame(conflict.json(), { statusCode: 409, error: 'Conflict', message: 'Conflict' })
})

t.test('D106 errors of validation, in every form that an application can give them → no withheld value', async t => {
  const verbose = { ajv: { customOptions: { allErrors: true, verbose: true } } }
  const formatters: [string, Parameters<typeof writing>[1], (api: Api['app']) => unknown][] = [
    ['as they are', {}, () => {}],
    ['verbose', verbose, () => {}],
    ['formatted', verbose, api => api.setSchemaErrorFormatter(errors => Object.assign(new Error(JSON.stringify(errors)), { more: errors }))],
    ['answered by an error handler', verbose, api => api.setErrorHandler((error, request, reply) => reply.status(400).send({ ...error as object, body: request.body, row: jane() }))]
  ]
  for (const [what, server, before] of formatters) {
    const { send, row } = await writing(t, server, before)
    const refused = await send('profile:write', { name: '' })
    t.equal(refused.statusCode, 400, what)
    t.notMatch(wire(refused).body, /SECRET/, what)
    t.strictSame(Object.keys(refused.json()).filter(member => !['statusCode', 'code', 'error', 'message'].includes(member)), [], what)
    t.strictSame(row, jane())
  }
})

t.test('D106 attachValidation, with the errors sent as an answer → released by the schema, like any value', async t => {
  const { request } = await guardedApi(t, api => {
    api.post('/', { attachValidation: true, schema: { body: Changes, response: { 200: Customer } } }, async request => ({ ...jane(), validation: request.validationError, name: String(request.validationError?.message) }))
  })
  const answer = await request('profile:write', { method: 'POST', url: '/', payload: { name: '' } })
  t.equal(answer.body, '{"id":"c1"}')
})

t.test('D107 an upsert keyed on a withheld field → 403', async t => {
  const { request } = await guardedApi(t, api => {
    const body = Type.Object({ iban: claimSet('banking_claims', Type.String()), name: claimSet('profile_claims', Type.String()) })
    api.put('/customers', { schema: { body, response: { 200: Customer } } }, async () => jane())
  })
  for (const iban of [SECRET, 'other']) {
    const refused = await request('profile:write', { method: 'PUT', url: '/customers', payload: { iban, name: 'n' } })
    t.equal(refused.statusCode, 403)
    t.match(refused.json().message, /^Writing \/iban takes the scope banking:write\.$/)
  }
})

t.test('D108 files and imports → what a parser makes of them is governed like JSON; what nobody parses, or as no object, is refused', async t => {
  const { request, row } = await writing(t, {}, api => {
    api.addContentTypeParser('text/csv', { parseAs: 'string' }, (_request, text, done) => { done(null, text) })
    api.addContentTypeParser('multipart/form-data', (_request, _payload, done) => { done(null, { name: 'New', banking: { iban: 'x' } }) })
  })
  const upload = (scope: string, type: string) => request(scope, { method: 'PATCH', url: '/customer', headers: { 'content-type': type }, payload: 'name,iban\nNew,x' })
  t.equal((await upload('profile:write', 'text/csv')).statusCode, 403)
  t.equal((await upload('profile:write banking:write', 'text/csv')).statusCode, 400)
  t.equal((await upload('profile:write', 'multipart/form-data; boundary=x')).statusCode, 403)
  t.equal((await upload('profile:write banking:write', 'application/octet-stream')).statusCode, 415)
  t.strictSame(row, jane())
  t.equal((await upload('profile:write banking:write', 'multipart/form-data; boundary=x')).statusCode, 200)
  t.equal(row.banking.iban, 'x')
})

t.test('D111 the answer to a refused write → nothing of what is there', async t => {
  const { send } = await writing(t)
  for (const [scope, payload] of [['profile banking', { name: 'New' }], ['profile banking profile:write', { banking: null }], ['profile banking', { unknown: 1 }], ['profile banking profile:write', { name: '' }]] as const) {
    const { statusCode, body } = await send(scope, payload)
    t.ok(statusCode >= 400 && statusCode < 500, JSON.stringify(payload))
    t.notMatch(body, /SECRET|Jane/)
  }
})

t.test('a refused write says the same, whatever is there', async t => {
  const { send, row } = await writing(t)
  const before = wire(await send('profile:write', { banking: { iban: SECRET } }))
  row.banking.iban = 'other'
  t.strictSame(wire(await send('profile:write', { banking: { iban: SECRET } })), before)
})

t.test('the answer to a write is a view of its own: ANY_TOKEN alone where nothing may be read', async t => {
  const { request } = await guardedApi(t, api => {
    api.post('/', { schema: { body: Type.Object({ name: claimSet('profile_claims', Type.String()) }), response: { 201: Type.Object({ id: claimSet(ANY_TOKEN, Type.String()), name: claimSet('profile_claims', Type.String()) }) } } },
      async ({ body }, reply) => { reply.status(201); return { id: '1', ...body as object } })
  })
  t.equal((await request('profile:write', { method: 'POST', url: '/', payload: { name: 'New' } })).body, '{"id":"1"}')
})
