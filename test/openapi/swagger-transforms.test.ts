import swagger from '@fastify/swagger'
import { Type, type TSchema } from '@sinclair/typebox'
import Fastify, { type FastifyInstance, type FastifySchema } from 'fastify'
import t, { type Test } from 'tap'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import resourceGuard from '../../plugins/resource-guard.js'
import { swaggerTransforms } from '../../plugins/swagger-transforms.js'
import { ORDERS_POLICY } from '../cli/apps/orders-policy.js'
import { GUARD } from '../plugins/resource-guard-app.js'

type Routes = (api: FastifyInstance) => unknown

const SCHEMES = {
  oauth2: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/oauth2/token', scopes: {} } } },
  bearer: { type: 'http', scheme: 'Bearer' },
  key: { type: 'apiKey', in: 'header', name: 'X-Key' }
} as const

/** The OpenAPI document of these routes, as a role sees it or whole. */
async function documentOf (t: Test, role: string | undefined, routes: Routes, more: object = {}): Promise<any> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(swagger, { openapi: { openapi: '3.1.0', components: { securitySchemes: SCHEMES } }, ...swaggerTransforms(role === undefined ? {} : { role }), ...more })
  await app.register(async api => {
    await api.register(resourceGuard, { ...GUARD, policy: ORDERS_POLICY })
    await routes(api)
  })
  await app.ready()
  return app.swagger()
}

const handler = async () => null

function released (schema: TSchema | object): Routes {
  return api => { api.get('/x', { schema: { response: { 200: schema } } as FastifySchema }, handler) }
}

async function schemaFor (t: Test, role: string | undefined, schema: TSchema | object): Promise<any> {
  return (await documentOf(t, role, released(schema))).paths['/x'].get.responses[200].content['application/json'].schema
}

t.test('security → the scopes of the route, any one of them; of a public route none; what the author wrote stays', async t => {
  const { paths } = await documentOf(t, undefined, api => {
    api.get('/any', handler)
    api.get('/one', { config: { keyhole: { scope: 'orders' } } }, handler)
    api.get('/two', { config: { keyhole: { scope: ['orders', 'prices'] } } }, handler)
    api.get('/public', { config: { keyhole: { public: true } } }, handler)
    api.get('/own', { schema: { security: [{ key: [], oauth2: [] }] } }, handler)
  })
  t.strictSame(paths['/any'].get.security, [{ oauth2: [] }, { bearer: [] }])
  t.strictSame(paths['/one'].get.security, [{ oauth2: ['orders'] }, { bearer: [] }])
  t.strictSame(paths['/two'].get.security, [{ oauth2: ['orders'] }, { oauth2: ['prices'] }, { bearer: [] }])
  t.strictSame(paths['/public'].get.security, [])
  t.strictSame(paths['/own'].get.security, [{ key: [], oauth2: [] }])
})

t.test('a document without security schemes → no security but that of public routes', async t => {
  const { paths } = await documentOf(t, undefined, api => {
    api.get('/one', { config: { keyhole: { scope: 'orders' } } }, handler)
  }, { openapi: { openapi: '3.1.0' } })
  t.strictSame(paths['/one'].get.security, [])
})

t.test('the whole document → x-claim-set where a field is not governed as what it stands in', async t => {
  const schema = await schemaFor(t, undefined, Type.Object({
    id: claimSet(ANY_TOKEN, Type.String()),
    price: claimSet(['price_claims', 'order_claims'], Type.Object({ net: Type.Number(), tax: claimSet('price_claims', Type.Number()) }))
  }))
  t.strictSame(schema.properties.id, { type: 'string', 'x-claim-set': ['*'] })
  t.strictSame(schema.properties.price['x-claim-set'], ['price_claims', 'order_claims'])
  t.strictSame(schema.properties.price.properties, { net: { type: 'number' }, tax: { type: 'number', 'x-claim-set': ['price_claims'] } })
  t.strictSame(schema.required, ['id', 'price'])
})

const SECRET = 'SECRET'

const Telling = Type.Object({
  id: claimSet(ANY_TOKEN, Type.String({ description: 'shown', examples: ['shown-1'] })),
  lines: Type.Array(Type.Object({ article: claimSet('order_claims', Type.String({ enum: ['shown-2'] })), secretPrice: claimSet('price_claims', Type.Number({ enum: [1], description: SECRET })) }, { examples: [{ secretPrice: SECRET }] })),
  secretMargin: claimSet('price_claims', Type.Object({
    rate: Type.Number({ default: 1, title: SECRET }),
    unit: claimSet(ANY_TOKEN, Type.String(), { revealsParent: true })
  }, { description: SECRET, title: SECRET, minProperties: 2 })),
  secretState: claimSet('price_claims', Type.Literal(SECRET)),
  secretMode: claimSet('price_claims', Type.Union([Type.Literal('SECRET-1'), Type.Literal('SECRET-2')]))
}, { description: 'shown', examples: [{ secretState: SECRET }], dependencies: { secretState: ['secretMode'] }, not: { properties: { secretState: { const: SECRET } } } })

t.test('D57 the document of a role → nothing of what is withheld from it: no name, enum, const, default, example, description, title', async t => {
  const schema = await schemaFor(t, 'clerk', Telling)
  t.notMatch(JSON.stringify(schema), /SECRET|secretPrice|secretState|secretMode/)
  t.strictSame(schema, {
    type: 'object',
    description: 'shown',
    required: ['id', 'lines', 'secretMargin'].filter(name => name !== 'secretMargin' || schema.required.includes(name)),
    properties: {
      id: { type: 'string', description: 'shown', examples: ['shown-1'], 'x-claim-set': ['*'] },
      lines: { type: 'array', items: { type: 'object', required: ['article'], properties: { article: { type: 'string', enum: ['shown-2'], 'x-claim-set': ['order_claims'] } } } },
      secretMargin: { type: 'object', required: ['unit'], properties: { unit: { type: 'string', 'x-claim-set': ['*'] } }, 'x-claim-set': ['price_claims'] }
    }
  })
  t.match(JSON.stringify(await schemaFor(t, 'boss', Telling)), /"secretState".*SECRET-1/, 'whoever reads it all sees it all')
})

t.test('D57 what shared schemas say of it → gone from the components too', async t => {
  const routes: Routes = api => {
    api.addSchema({ $id: 'Money', ...claimSet('price_claims', Type.Object({ amount: Type.Number({ examples: [4711] }) }, { description: SECRET })) })
    api.addSchema({ $id: 'Order', type: 'object', properties: { id: { type: 'string', claimSet: '*' }, price: { $ref: 'Money#' }, parent: { $ref: 'Order#' }, twin: { $ref: 'Order#' } } })
    api.get('/a', { schema: { response: { 200: { $ref: 'Order#' }, 201: { type: 'array', items: { $ref: 'Order#' } } } } }, handler)
    api.get('/b/:id', { schema: { params: { type: 'object', properties: { id: { $ref: 'Order#/properties/id' } } }, response: { 200: { $ref: 'Order#' } } } }, handler)
    api.get('/public/:id', { config: { keyhole: { public: true } }, schema: { params: { type: 'object', properties: { id: { $ref: 'Order#/properties/id' } } } } }, handler)
  }
  const clerk = await documentOf(t, 'clerk', routes)
  t.notMatch(JSON.stringify(clerk), /SECRET|4711|amount/)
  const [name, ...others] = Object.keys(clerk.components.schemas).filter(name => clerk.components.schemas[name].title !== undefined)
  t.strictSame(others, [], 'one schema for all places')
  t.strictSame(Object.values(clerk.components.schemas).filter((schema: any) => schema.title === undefined), [{ properties: { id: { type: 'string' } } }], 'what the public route refers to')
  t.strictSame(clerk.components.schemas[name!], {
    title: 'Order', type: 'object', properties: { id: { type: 'string', 'x-claim-set': ['*'] }, parent: { $ref: `#/components/schemas/${name}` }, twin: { $ref: `#/components/schemas/${name}` } }
  })
  t.strictSame(clerk.paths['/a'].get.responses[200].content['application/json'].schema, { $ref: `#/components/schemas/${name}` })
  t.strictSame(clerk.paths['/a'].get.responses[201].content['application/json'].schema, { type: 'array', items: { $ref: `#/components/schemas/${name}` } })

  const whole = await documentOf(t, undefined, routes)
  t.strictSame(Object.values(whole.components.schemas).map((schema: any) => `${schema.title} ${schema['x-claim-set']}`).sort(), ['Money price_claims', 'Order undefined', 'undefined undefined'])
})

t.test('a route that a role may not call → not in its document; one that is raw → as it leaves', async t => {
  const routes: Routes = api => {
    const schema = { response: { 200: Type.Object({ price: claimSet('price_claims', Type.Number()) }) } }
    api.get('/orders', { schema, config: { keyhole: { scope: 'orders' } } }, handler)
    api.get('/raw', { schema, config: { keyhole: { release: { raw: 'as it is' } } } }, handler)
    api.get('/public', { schema: { response: { 200: Type.Object({ price: Type.Number() }) } }, config: { keyhole: { public: true } } }, handler)
  }
  const { paths } = await documentOf(t, 'nobody', routes)
  t.strictSame(Object.keys(paths), ['/raw', '/public'])
  t.strictSame(paths['/raw'].get.responses[200].content['application/json'].schema.properties, { price: { type: 'number' } })
  t.strictSame(Object.keys((await documentOf(t, 'clerk', routes)).paths), ['/orders', '/raw', '/public'])
})

t.test('bodies → what the role writes; queries → what it may ask by; where nothing is left, nothing', async t => {
  const Line = Type.Object({ article: claimSet('order_claims', Type.String()), price: claimSet('price_claims', Type.Number()) })
  const routes: Routes = api => {
    api.post('/orders', {
      schema: { body: Line, querystring: Type.Object({ page: Type.Integer(), minPrice: claimSet('price_claims', Type.Number()) }), headers: Type.Object({ 'x-a': Type.String() }) }
    }, handler)
    api.put('/orders', { schema: { body: { content: { 'application/json': { schema: Line }, 'text/plain': { schema: claimSet('price_claims', Type.String()) } } } } }, handler)
    api.get('/prices', { schema: { querystring: claimSet('price_claims', Type.Object({ min: Type.Number() })) } }, handler)
  }
  const of = async (role: string) => {
    const { paths } = await documentOf(t, role, routes)
    const bodies = ['post', 'put'].map(method => Object.entries(paths['/orders'][method].requestBody?.content ?? {}).map(([type, { schema }]: any) => [type, Object.keys(schema.properties ?? {}).join()].join(' ')))
    return [bodies, paths['/orders'].post.parameters.map(({ name }: any) => name), paths['/prices'].get.parameters]
  }
  t.strictSame(await of('clerk'), [[['application/json article'], ['application/json article']], ['page', 'x-a'], undefined])
  t.match(await of('controller'), [[['application/json price'], ['application/json price', 'text/plain ']], ['page', 'minPrice', 'x-a'], [{ name: 'min' }]])
  t.match(await of('nobody'), [[[], []], ['page', 'x-a'], undefined])
})

t.test('unions, conditions, parts, tuples, records → what is seen of each', async t => {
  const price = claimSet('price_claims', Type.Number())
  const article = claimSet('order_claims', Type.String())
  const kind = (name: string) => claimSet(ANY_TOKEN, Type.Literal(name))
  const schema = await schemaFor(t, 'clerk', Type.Object({
    union: Type.Union([Type.Object({ kind: kind('a'), article }), Type.Object({ kind: kind('b'), price })]),
    nullable: Type.Union([article, Type.Null()]),
    hidden: Type.Union([price, Type.Null()]),
    parts: Type.Intersect([Type.Object({ article }), Type.Object({ price }), Type.Object({ id: claimSet(ANY_TOKEN, Type.String()) })]),
    tuple: Type.Tuple([article, price]),
    pair: Type.Tuple([article, article]),
    record: Type.Record(Type.String({ pattern: '^a' }), article),
    open: Type.Object({}, { additionalProperties: article }),
    closed: Type.Object({ article, price }, { additionalProperties: price }),
    conditional: Type.Unsafe({
      type: 'object',
      properties: { kind: kind('a') },
      if: { properties: { kind: { const: 'a' } } },
      then: { properties: { article } },
      else: { properties: { price } }
    }),
    both: Type.Unsafe({
      type: 'object', properties: { kind: kind('a') }, if: { properties: { kind: { const: 'a' } } }, then: { properties: { article } }, else: { properties: { id: article } }
    }),
    neither: Type.Unsafe({ type: 'object', properties: { kind: kind('a') }, if: { properties: { kind: { const: 'a' } } }, then: { properties: { price } } })
  }))
  const { union, nullable, hidden, parts, tuple, pair, record, open, closed, conditional, both, neither } = schema.properties
  t.strictSame(union.anyOf.map(({ properties }: any) => Object.keys(properties)), [['kind', 'article'], ['kind']])
  t.match(nullable, { anyOf: [{ type: 'string' }, { type: 'null' }] })
  t.equal(hidden, undefined)
  t.strictSame(parts.allOf.map(({ properties }: any) => Object.keys(properties)), [['article'], ['id']])
  t.equal(tuple, undefined)
  t.equal(pair.items.length, 2)
  t.match(record, { additionalProperties: { type: 'string' } })
  t.match(open, { additionalProperties: { type: 'string' } })
  t.equal(closed.additionalProperties, undefined)
  t.strictSame(conditional.allOf.map(({ anyOf }: any) => anyOf.map(({ properties }: any) => Object.keys(properties ?? {}))), [[['article'], []]])
  t.equal(conditional.if, undefined)
  t.strictSame(both.allOf.map(({ anyOf }: any) => anyOf.map(({ properties }: any) => Object.keys(properties))), [[['article'], ['id']]])
  t.strictSame([Object.keys(neither.properties), neither.allOf], [['kind'], undefined])
})

t.test('a reference with something beside it, and one to a definition → in place', async t => {
  const schema = await schemaFor(t, 'clerk', {
    type: 'object',
    definitions: { text: { type: 'string', claimSet: 'order_claims' }, secret: { const: SECRET } },
    properties: { a: { $ref: '#/definitions/text' }, b: { $ref: '#/definitions/text', title: 'B' }, tree: { $ref: '#' } }
  })
  t.notMatch(JSON.stringify(schema), SECRET)
  t.match(schema.properties, { a: { type: 'string', 'x-claim-set': ['order_claims'] }, tree: { $ref: /^#\/components\/schemas\/def-/ } })
  t.match(schema.properties.b, { title: 'B', allOf: [{ type: 'string' }] })
})

t.test('an opaque value, and an answer without a body → as they are', async t => {
  t.strictSame(await schemaFor(t, 'clerk', Type.Object({ any: claimSet('order_claims', Type.Any()) })), { type: 'object', required: ['any'], properties: { any: { 'x-claim-set': ['order_claims'] } } })
  const { paths } = await documentOf(t, 'clerk', released(Type.Null()))
  t.equal(paths['/x'].get.responses[200].content, undefined)
  const nothing = await schemaFor(t, 'clerk', Type.Object({ price: claimSet('price_claims', Type.Number({ description: SECRET })) }))
  t.strictSame(nothing, {})
})

t.test('twins with an id of their own, which are copied before the guard sees them → not in the document of a role', async t => {
  const routes: Routes = api => { api.get('/x', { schema: { operationId: 'x', response: { 200: Telling } } }, handler) }
  const { paths } = await documentOf(t, 'clerk', routes, { exposeHeadRoutes: true })
  t.strictSame(Object.keys(paths['/x']), ['get'])
  t.ok((await documentOf(t, undefined, routes, { exposeHeadRoutes: true })).paths['/x'].head)
})

t.test('schemas of routes and shared ones → stay as they were', async t => {
  const before = JSON.stringify(Telling)
  await schemaFor(t, 'clerk', Telling)
  t.equal(JSON.stringify(Telling), before)
})

t.test('an unknown option, role, or Swagger 2 → an error says what to write', async t => {
  t.throws(() => swaggerTransforms({ roles: 'clerk' } as never), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^roles: swaggerTransforms has no such option/ })
  t.throws(() => swaggerTransforms({ role: 1 } as never), { message: /^role: write the name of a role/ })
  await t.rejects(documentOf(t, 'clark', released(Type.Null())), { message: /^role: the policy has no role clark; it has clerk, / })
  await t.rejects(documentOf(t, undefined, released(Type.Null()), { openapi: undefined }), { message: /Give @fastify\/swagger the option openapi/ })
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(swagger, { ...swaggerTransforms() })
  app.get('/unguarded', handler)
  await app.ready()
  t.match(app.swagger(), { swagger: '2.0', paths: { '/unguarded': {} } }, 'nothing of it is guarded')
})

t.test('a field that a role sees through a mask → its type and the mask, nothing that stands in it', async t => {
  const iban = claimSet('price_claims', Type.String({ examples: [SECRET], title: SECRET, description: SECRET }), { mask: { last4: 'order_claims' } })
  t.strictSame(await schemaFor(t, 'clerk', Type.Object({ iban })), {
    type: 'object', required: ['iban'], properties: { iban: { type: 'string', 'x-claim-set': ['price_claims'], 'x-mask': 'last4' } }
  })
  t.match(await schemaFor(t, 'boss', Type.Object({ iban })), { properties: { iban: { title: SECRET, 'x-mask': undefined } } })
  t.strictSame(await schemaFor(t, 'nobody', Type.Object({ iban })), {})
})

t.test('a masked field of several branches → the mask once, where it stands', async t => {
  const iban = claimSet('price_claims', Type.Union([Type.String({ examples: [SECRET] }), Type.Null()]), { mask: { last4: 'order_claims' } })
  const { properties } = await schemaFor(t, 'clerk', Type.Object({ iban }))
  t.strictSame(properties.iban, { 'x-claim-set': ['price_claims'], 'x-mask': 'last4', anyOf: [{ type: 'string' }, { type: 'null' }] })
})

t.test('an object that is closed → stays closed for whoever sees a part of it', async t => {
  const Line = Type.Object({ article: claimSet('order_claims', Type.String()), price: claimSet('price_claims', Type.Number()) }, { additionalProperties: false })
  t.strictSame(await schemaFor(t, 'clerk', Line), {
    type: 'object', additionalProperties: false, required: ['article'], properties: { article: { type: 'string', 'x-claim-set': ['order_claims'] } }
  })
})
