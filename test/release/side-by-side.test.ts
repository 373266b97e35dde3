import swagger from '@fastify/swagger'
import { Type } from '@sinclair/typebox'
import AjvModule from 'ajv'
import t from 'tap'
import { ANY_TOKEN, claimSet } from 'fastify-keyhole'
import { withoutAnnotations } from '../../lib/release/annotation.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { guardedApi, SECRET } from '../attacks/guarded-customers.js'

/** One annotated schema for bodies, queries, responses, validators and the API description, side by side. */

const Ajv = AjvModule as unknown as typeof AjvModule.default

function deepFreeze<Value> (value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Reflect.ownKeys(value).forEach(key => deepFreeze((value as Record<PropertyKey, unknown>)[key]))
  }
  return value
}

/** Frozen, so that whoever changes it throws. */
const schemas = () => {
  const Address = Type.Object({ city: Type.String({ minLength: 1 }), zip: claimSet('profile_claims', Type.String()) }, { $id: 'Address', additionalProperties: false })
  const Customer = Type.Object({
    id: claimSet(ANY_TOKEN, Type.String()),
    name: claimSet('profile_claims', Type.String({ default: 'nobody' })),
    address: Type.Optional(claimSet('address_claims', Type.Ref('Address'))),
    contacts: claimSet('profile_claims', Type.Array(Type.Union([Type.Object({ mail: Type.String() }), Type.Null()]))),
    iban: Type.Optional(claimSet('banking_claims', Type.String()))
  }, { $id: 'Customer', additionalProperties: false })
  return deepFreeze({ Address, Customer, Query: Type.Object({ iban: Type.Optional(claimSet('banking_claims', Type.String())), page: Type.Integer({ default: 1 }) }) })
}

const JANE = { id: '1', name: 'Jane', address: { city: 'c', zip: 'z' }, contacts: [{ mail: 'm' }, null], iban: SECRET }

t.test('one annotated schema, frozen, for a body, a query, two responses, two contexts and the API description', async t => {
  const { Address, Customer, Query } = schemas()
  const text = JSON.stringify([Address, Customer, Query])
  const bodies: unknown[] = []
  let describe!: () => object
  const { app, request } = await guardedApi(t, async api => {
    describe = () => (api as unknown as { swagger (): object }).swagger()
    await api.register(swagger, { openapi: {} })
    api.addSchema(Address)
    api.addSchema(Customer)
    const route = { schema: { body: Type.Ref('Customer'), querystring: Query, response: { 200: Type.Ref('Customer'), '2xx': Type.Array(Type.Ref('Customer')) } } }
    api.post('/customers', deepFreeze(route), async ({ body }) => { bodies.push(body); return JANE })
    api.get('/customers', { schema: { querystring: Query, response: { 200: Customer, 201: deepFreeze(Type.Array(Type.Ref('Customer'))) } } }, async (_request, reply) => { reply.status(201); return [JANE] })
    await api.register(async nested => {
      nested.addSchema({ $id: 'Nested', ...Type.Object({ customer: Type.Ref('Customer') }) })
      nested.get('/nested', { schema: { response: { 200: Type.Ref('Nested') } } }, async () => ({ customer: JANE }))
    })
  })

  const written = await request('profile profile:write address:write', { method: 'POST', url: '/customers?page=2', payload: { id: '1', name: 'n', address: { city: 'c', zip: 'z' }, contacts: [] } })
  t.strictSame(written.json(), { id: '1', name: 'Jane', address: { zip: 'z' }, contacts: [{ mail: 'm' }, null] })
  t.strictSame(bodies, [{ id: '1', name: 'n', address: { city: 'c', zip: 'z' }, contacts: [] }])
  t.equal((await request('profile:write address:write', { method: 'POST', url: '/customers', payload: { id: '1', name: 'n', address: { city: '', zip: 'z' }, contacts: [] } })).statusCode, 400, 'validated')
  t.equal((await request('profile:write', { method: 'POST', url: '/customers', payload: { id: '1', address: { city: 'c', zip: 'z' }, contacts: [] } })).statusCode, 403)
  t.equal((await request('profile', '/customers?iban=x')).statusCode, 403)
  t.strictSame((await request('', '/customers')).json(), [{ id: '1' }])
  t.strictSame((await request('address', '/nested')).json(), { customer: { id: '1', address: { city: 'c' } } })

  const described = describe()
  t.notMatch(JSON.stringify(described), /claimSet/)
  t.match(described, { paths: { '/customers': { post: { responses: { 200: { content: { 'application/json': { schema: {} } } } } } } } })
  t.equal(JSON.stringify([Address, Customer, Query]), text)
  t.strictSame((app as unknown as { getSchemas (): object }).getSchemas(), {}, 'the outer context has its own')
})

t.test('the same schemas for a validator of the application\'s own → taken without annotations, and with them where it knows the keyword', async t => {
  const { Address, Customer } = schemas()
  const bare = [Address, Customer].map(schema => withoutAnnotations(schema as unknown as JsonSchema))
  const strict = new Ajv({ strict: true, schemas: bare })
  t.equal(strict.validate('Customer', JANE), true)
  t.equal(strict.validate('Customer', { ...JANE, more: 1 }), false)
  const knowing = new Ajv({ strict: true, keywords: ['claimSet'], schemas: [Address, Customer] })
  t.equal(knowing.validate('Customer', JANE), true)
})

t.test('one schema on a guarded route and on a public one → released on the one, whole on the other', async t => {
  const { Customer, Address } = schemas()
  const { app, request } = await guardedApi(t, api => {
    api.addSchema(Address)
    api.get('/guarded', { schema: { response: { 200: Customer } } }, async () => JANE)
    api.get('/public', { config: { keyhole: { public: true } }, schema: { response: { 200: Customer } } }, async () => JANE)
  })
  t.strictSame((await request('', '/guarded')).json(), { id: '1' })
  t.strictSame((await app.inject('/public')).json(), JANE)
})
