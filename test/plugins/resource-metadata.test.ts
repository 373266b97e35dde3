import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'
import resourceGuard, { type ResourceGuardOptions } from '../../plugins/resource-guard.js'
import { customerRoute, GUARD, ISSUER, POLICY } from './resource-guard-app.js'

const PATH = '/.well-known/oauth-protected-resource'

async function guards (t: Test, ...all: Array<Partial<ResourceGuardOptions> & { prefix?: string }>): Promise<FastifyInstance> {
  const app = Fastify() as unknown as FastifyInstance
  t.teardown(() => app.close())
  all.forEach(({ prefix = '', ...options }, index) => app.register(async api => {
    await api.register(resourceGuard, { ...GUARD, ...options })
    api.register(async inner => customerRoute()(inner), { prefix: `/${index}` })
  }, { prefix }))
  await app.ready()
  return app
}

t.test('an audience that is a URL → the metadata of the resource, without a token', async t => {
  const app = await guards(t, {})
  const answer = await app.inject(PATH)
  t.equal(answer.statusCode, 200)
  t.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  t.equal(answer.headers['cache-control'], 'public, max-age=300')
  t.strictSame(answer.json(), {
    resource: GUARD.audience,
    authorization_servers: [ISSUER],
    scopes_supported: Object.keys(POLICY.scopes),
    bearer_methods_supported: ['header'],
    dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519'],
    dpop_bound_access_tokens_required: false
  })
})

t.test('several issuers → all of them are named, also where none is the guard\'s own', async t => {
  const other = { issuer: 'https://login.example.com', audience: 'https://api.example.com/other', jwks: GUARD.jwks! }
  t.strictSame((await (await guards(t, { issuers: [other] })).inject(PATH)).json().authorization_servers, [ISSUER, other.issuer])
  const app = Fastify() as unknown as FastifyInstance
  t.teardown(() => app.close())
  app.register(async api => { await api.register(resourceGuard, { policy: POLICY, issuers: [other] }) })
  t.match((await app.inject(`${PATH}/other`)).json(), { resource: other.audience, authorization_servers: [other.issuer] })
})

t.test('where the audience has a path, and the guard a prefix → where RFC 9728 3.1 says, and the challenge names it', async t => {
  const audience = 'https://api.example.com/customers/v1'
  const app = await guards(t, { audience, prefix: '/api/deep' })
  t.equal((await app.inject(`${PATH}/customers/v1`)).json().resource, audience)
  t.match((await app.inject('/api/deep/0/customer')).headers['www-authenticate'], `resource_metadata="https://api.example.com${PATH}/customers/v1"`)
})

t.test('a guard on the outermost context → its metadata stays open', async t => {
  const app = Fastify() as unknown as FastifyInstance
  t.teardown(() => app.close())
  await app.register(resourceGuard, GUARD)
  customerRoute()(app)
  t.equal((await app.inject(PATH)).statusCode, 200)
  t.equal((await app.inject('/customer')).statusCode, 401)
})

t.test('only bound tokens → said so', async t => {
  const metadata = (await (await guards(t, { dpop: { required: true } })).inject(PATH)).json()
  t.equal(metadata.dpop_bound_access_tokens_required, true)
  t.notOk('bearer_methods_supported' in metadata)
})

t.test('a policy that is replaced → its scopes', async t => {
  const policy = createPolicy(POLICY)
  const app = await guards(t, { policy })
  policy.replace({ ...POLICY, scopes: { all: { reads: Object.keys(POLICY.claimSets) } } })
  t.strictSame((await app.inject(PATH)).json().scopes_supported, ['all'])
})

t.test('resourceMetadata: false, or an audience that metadata cannot be found for → none, and no challenge names it', async t => {
  for (const options of [{ resourceMetadata: false }, { audience: 'customers' }, { audience: 'https://api.example.com/?a' }, { audience: 'https://api.example.com/a:b' }, { audience: 'https://api.example.com:99999' }]) {
    const app = await guards(t, options)
    t.equal((await app.inject(PATH)).statusCode, 404, JSON.stringify(options))
    t.notMatch((await app.inject('/0/customer')).headers['www-authenticate'], 'resource_metadata')
  }
})

t.test('two guards of one application', async t => {
  await t.test('for one audience → one resource', async t => {
    const other = { ...POLICY, scopes: { x: { reads: Object.keys(POLICY.claimSets) } } }
    const metadata = (await (await guards(t, { dpop: { required: true } }, { policy: other })).inject(PATH)).json()
    t.strictSame(metadata.scopes_supported, [...Object.keys(POLICY.scopes), 'x'])
    t.equal(metadata.dpop_bound_access_tokens_required, false)
  })

  await t.test('for two → two', async t => {
    const app = await guards(t, {}, { audience: `${GUARD.audience}/admin` })
    t.equal((await app.inject(PATH)).json().resource, GUARD.audience)
    t.equal((await app.inject(`${PATH}/admin`)).json().resource, `${GUARD.audience}/admin`)
  })

  await t.test('for two on different hosts → that of the host that is asked, else none', async t => {
    const app = await guards(t, { audience: 'https://a.example' }, { audience: 'https://b.example' })
    for (const host of ['a.example', 'b.example']) t.equal((await app.inject({ url: PATH, headers: { host } })).json().resource, `https://${host}`)
    t.equal((await app.inject({ url: PATH, headers: { host: 'c.example' } })).statusCode, 404)
  })
})
