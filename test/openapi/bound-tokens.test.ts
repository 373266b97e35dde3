import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import resourceGuard, { type ResourceGuardOptions } from '../../plugins/resource-guard.js'
import { swaggerTransforms } from '../../plugins/swagger-transforms.js'
import { ORDERS_POLICY } from '../cli/apps/orders-policy.js'
import { GUARD } from '../plugins/resource-guard-app.js'

const OAUTH2 = { oauth2: { type: 'oauth2', flows: { clientCredentials: { tokenUrl: '/oauth2/token', scopes: {} } } } }
const BEARER = { bearer: { type: 'http', scheme: 'bearer' } }
const DPOP = { dpop: { type: 'http', scheme: 'DPoP' } }

/** The security of four routes, in a document with these security schemes. */
async function securityOf (t: Test, securitySchemes: object, options: Partial<ResourceGuardOptions> = {}): Promise<Record<string, object[]>> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(swagger, { openapi: { openapi: '3.1.0', components: { securitySchemes } }, ...swaggerTransforms() } as never)
  await app.register(async api => {
    await api.register(resourceGuard, { ...GUARD, policy: ORDERS_POLICY, ...options } as ResourceGuardOptions)
    const handler = async () => null
    api.get('/any', handler)
    api.get('/public', { config: { keyhole: { public: true } } }, handler)
    if (options.audience !== undefined) return
    api.get('/bound', { config: { keyhole: { dpop: { required: true } } } }, handler)
    api.get('/scoped', { config: { keyhole: { dpop: { required: true }, scope: ['orders', 'prices'] } } }, handler)
  })
  await app.ready()
  const { paths } = app.swagger() as { readonly paths: Record<string, { readonly get: { readonly security: object[] } }> }
  return Object.fromEntries(Object.entries(paths).map(([path, { get }]) => [path, get.security]))
}

t.test('a route that takes only bound tokens → the scheme DPoP, together with what brings the scopes; never bearer', async t => {
  t.strictSame(await securityOf(t, { ...OAUTH2, ...BEARER, ...DPOP }), {
    '/any': [{ oauth2: [] }, { bearer: [] }, { dpop: [] }],
    '/public': [],
    '/bound': [{ oauth2: [], dpop: [] }],
    '/scoped': [{ oauth2: ['orders'], dpop: [] }, { oauth2: ['prices'], dpop: [] }]
  })
  t.match(await securityOf(t, { ...BEARER, ...DPOP }), { '/any': [{ bearer: [] }, { dpop: [] }], '/bound': [{ dpop: [] }], '/scoped': [{ dpop: [] }] })
})

t.test('a document without the scheme DPoP → what brings the scopes alone; where nothing is left, an error says what to add', async t => {
  t.match(await securityOf(t, { ...OAUTH2, ...BEARER }), { '/any': [{ oauth2: [] }, { bearer: [] }], '/bound': [{ oauth2: [] }], '/scoped': [{ oauth2: ['orders'] }, { oauth2: ['prices'] }] })
  await t.rejects(securityOf(t, BEARER), { code: 'FST_KEYHOLE_OPTION_INVALID', message: "swaggerTransforms: /bound takes only tokens that are bound to a key, and no security scheme of the document brings one. Add to components.securitySchemes: dpop: { type: 'http', scheme: 'DPoP' }." })
  t.match(await securityOf(t, {}), { '/any': [], '/bound': [] })
})

t.test('a guard that cannot check proofs → bound tokens are not offered', async t => {
  t.strictSame(await securityOf(t, { ...BEARER, ...DPOP }, { audience: 'orders' }), { '/any': [{ bearer: [] }], '/public': [] })
})
