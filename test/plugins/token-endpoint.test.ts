import Fastify, { type FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { openStore } from '../../lib/store/open-store.js'
import { claimSet } from '../../lib/release/annotation.js'
import resourceGuard from '../../plugins/resource-guard.js'
import tokenEndpoint, { type TokenEndpointOptions } from '../../plugins/token-endpoint.js'
import { AUDIENCE, FORM, form, ISSUER, isRefusal, POLICY, tokenApp } from './token-endpoint-app.js'

const store = await openStore('sqlite::memory:')
t.teardown(() => store.close())

const OPTIONS: TokenEndpointOptions = { issuer: ISSUER, audience: AUDIENCE, policy: POLICY, store, credentialProvider: storeCredentialProvider(store) }

async function boot (options: object, before?: (app: FastifyInstance) => unknown): Promise<FastifyInstance> {
  const app = Fastify()
  await before?.(app)
  await app.register(tokenEndpoint, options as TokenEndpointOptions)
  await app.ready()
  return app
}

t.test('a wrong option → refused at registration, by name and with its cure', async t => {
  const wrong: [object, RegExp][] = [
    [{ issuer: 'http://auth.example.com' }, /^issuer: write https/],
    [{ issuer: undefined }, /^issuer: write the URL/],
    [{ audience: '' }, /^audience: write the URL/],
    [{ audience: ['x'] }, /^audience: write the URL/],
    [{ policy: undefined }, /^policy: the store has no policy\. Publish one first: await store\.policies\.publish\(document\)\.$/],
    [{ policy: null }, /^policy: pass a policy/],
    [{ store: undefined }, /^store: pass the store/],
    [{ store: {} }, /^store: pass the store/],
    [{ credentialProvider: undefined }, /^credentialProvider: pass an object with a verify method/],
    [{ credentialProvider: async () => null }, /^credentialProvider: pass an object with a verify method/],
    [{ credentialProvider: null }, /^credentialProvider: pass an object with a verify method/],
    [{ subjectClaims: { type: 'object', properties: { name: { type: 'string' } } } }, /^subjectClaims: no claim set on \/name/],
    [{ subjectClaims: null }, /^subjectClaims: write an object schema/],
    [{ tokenLifetime: 0 }, /^tokenLifetime: write a whole number of seconds from 1 to 86400/],
    [{ tokenLifetime: '300' }, /^tokenLifetime/],
    [{ tokenLifetime: 300_000 }, /^tokenLifetime/],
    [{ tokenLifetime: 1.5 }, /^tokenLifetime/],
    [{ tokenLifeTime: 300 }, /^tokenLifeTime: tokenEndpoint has no such option; it has issuer, /],
    [{ prefix: '/auth' }, /^prefix: tokenEndpoint has no such option/],
    [{ paths: { tokens: '/t' } }, /^paths\.tokens: there is no such path; there are token, introspect, revoke, jwks/],
    [{ paths: { token: 'token' } }, /^paths\.token: write a path like '\/oauth2\/token'/],
    [{ paths: { token: '/:token' } }, /^paths\.token/],
    [{ paths: { jwks: '/*' } }, /^paths\.jwks/],
    [{ paths: { jwks: '/a/../b' } }, /^paths\.jwks/],
    [{ paths: { jwks: '/a/.' } }, /^paths\.jwks/],
    [{ paths: { jwks: 1 } }, /^paths\.jwks/],
    [{ paths: { jwks: '/oauth2/token' } }, /^paths\.token: another path is the same/]
  ]
  for (const [options, message] of wrong) {
    await t.rejects(boot({ ...OPTIONS, ...options }), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(options))
  }
  await t.rejects(boot({ ...OPTIONS, policy: { claimSets: {} } }), { code: 'FST_KEYHOLE_POLICY_INVALID' })
})

t.test('inside a prefix → refused', async t => {
  const app = Fastify()
  await t.rejects(async () => {
    await app.register(async api => { await api.register(tokenEndpoint, OPTIONS) }, { prefix: '/auth' })
  }, { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^tokenEndpoint: register it outside of any prefix/ })
})

t.test('credentialProvider: the option → decorated for all; a decoration → taken; both or neither → refused', async t => {
  const provider = OPTIONS.credentialProvider!
  const { credentialProvider, ...rest } = OPTIONS
  const decorates = (value: unknown) => (app: FastifyInstance) => app.register(fp(async instance => { instance.decorate('credentialProvider', value as typeof provider) }))
  t.equal((await boot(OPTIONS)).credentialProvider, provider)
  t.equal((await boot(rest, decorates(provider))).credentialProvider, provider)
  await t.rejects(boot(OPTIONS, decorates(provider)), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^credentialProvider: fastify\.credentialProvider is decorated already/ })
  await t.rejects(boot(rest, decorates({})), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^credentialProvider: pass an object with a verify method/ })
})

t.test('the application\'s own parsers, error handler, validator and not-found handler → untouched', async t => {
  const { app, manager, request, post } = await tokenApp(t, {
    before: app => {
      app.setErrorHandler((error, _request, reply) => reply.code(418).send({ mine: (error as Error).message }))
      app.setNotFoundHandler((_request, reply) => reply.code(404).send({ mine: 'not found' }))
      app.setReplySerializer(payload => `mine:${JSON.stringify(payload)}`)
      app.addHook('preSerialization', async (_request, _reply, payload) => ({ wrapped: payload }))
    }
  })
  await app.register(async host => {
    host.post('/echo', { schema: { body: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } } }, async request => request.body)
    host.get('/fail', async () => { throw new Error('failed') })
  })
  const echo = (payload: string, type: string) => app.inject({ method: 'POST', url: '/echo', headers: { 'content-type': type }, payload })

  t.equal((await echo('{"n":"1","more":true}', 'application/json')).body, 'mine:{"wrapped":{"n":1,"more":true}}', 'JSON, coercion, serializer and hooks')
  t.match((await echo('{"n":"x"}', 'application/json')).body, /^mine:.*body\/n must be integer/, 'validator and error handler')
  t.match((await echo('n=1', FORM)).body, /^mine:.*Unsupported Media Type/, 'no form parser came to the application')
  t.match((await echo('n=1', 'text/plain')).body, /^mine:.*body must be object/, 'its text parser is there')
  t.equal((await echo('{"n":1,"pad":"' + 'x'.repeat(20_000) + '"}', 'application/json')).statusCode, 200, 'its body limit')
  t.match((await app.inject('/fail')).body, /^mine:.*failed/)
  t.match((await app.inject('/oauth2/nothing')).body, /"mine":"not found"/)

  t.ok((await post(request(manager))).json().access_token, 'and the endpoint is untouched by them')
  isRefusal(t, await post('x'), 400, 'invalid_request')
})

t.test('C100, C103 metadata → as configured, no empty arrays, and what it names is there', async t => {
  const { app, manager, request } = await tokenApp(t)
  const methods = ['client_secret_basic', 'client_secret_post', 'private_key_jwt']
  const algorithms = ['ES256', 'EdDSA', 'RS256', 'PS256']
  const response = await app.inject('/.well-known/oauth-authorization-server')
  t.equal(response.statusCode, 200)
  t.match(response.headers, { 'content-type': /^application\/json/, 'cache-control': 'public, max-age=300' })
  t.strictSame(response.json(), {
    issuer: ISSUER,
    token_endpoint: ISSUER + '/oauth2/token',
    introspection_endpoint: ISSUER + '/oauth2/introspect',
    revocation_endpoint: ISSUER + '/oauth2/revoke',
    jwks_uri: ISSUER + '/oauth2/jwks',
    dpop_signing_alg_values_supported: ['ES256', 'EdDSA', 'Ed25519'],
    scopes_supported: ['contact', 'profile', 'address', 'profile:write'],
    grant_types_supported: ['client_credentials', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    token_endpoint_auth_methods_supported: methods,
    token_endpoint_auth_signing_alg_values_supported: algorithms,
    introspection_endpoint_auth_methods_supported: methods,
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
    revocation_endpoint_auth_methods_supported: methods,
    revocation_endpoint_auth_signing_alg_values_supported: algorithms
  })
  const { token_endpoint: endpoint, jwks_uri: jwks } = response.json()
  const answer = await app.inject({ method: 'POST', url: new URL(endpoint).pathname, headers: { 'content-type': FORM }, payload: form(request(manager)) })
  t.equal(JSON.parse(Buffer.from(answer.json().access_token.split('.')[1], 'base64url').toString()).iss, response.json().issuer)
  t.equal((await app.inject(new URL(jwks).pathname)).statusCode, 200)
})

t.test('C104 a provider that checks secrets alone → no other method, and no algorithm, in the metadata', async t => {
  const { app } = await tokenApp(t, { options: { credentialProvider: { verify: async () => null } } })
  const metadata = (await app.inject('/.well-known/oauth-authorization-server')).json()
  t.strictSame(metadata.token_endpoint_auth_methods_supported, ['client_secret_basic', 'client_secret_post'])
  t.notOk(Object.keys(metadata).some(name => name.endsWith('auth_signing_alg_values_supported')))
})

t.test('C100 an issuer with a path, other paths → metadata between host and path, the endpoints where they were put', async t => {
  const { app } = await tokenApp(t, { options: { issuer: 'https://example.com/tenants/a', paths: { token: '/a/token', jwks: '/a/keys.json' } } })
  t.equal((await app.inject('/.well-known/oauth-authorization-server')).statusCode, 404)
  t.match((await app.inject('/.well-known/oauth-authorization-server/tenants/a')).json(), {
    issuer: 'https://example.com/tenants/a', token_endpoint: 'https://example.com/a/token', jwks_uri: 'https://example.com/a/keys.json'
  })
  t.equal((await app.inject('/a/token')).statusCode, 405)
  t.equal((await app.inject('/a/keys.json')).json().keys.length, 1)
  t.equal((await app.inject('/oauth2/token')).statusCode, 404)
})

t.test('the key set → public members alone, cacheable for a short time', async t => {
  const { app } = await tokenApp(t)
  const response = await app.inject('/oauth2/jwks')
  t.match(response.headers, { 'content-type': /^application\/jwk-set\+json/, 'cache-control': 'public, max-age=300' })
  const { keys } = response.json()
  t.equal(keys.length, 1)
  t.strictSame(Object.keys(keys[0]).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
})

t.test('the same store, opened again → the same key', async t => {
  const [first, second] = await Promise.all([boot(OPTIONS), boot(OPTIONS)])
  t.strictSame((await first!.inject('/oauth2/jwks')).json(), (await second!.inject('/oauth2/jwks')).json())
})

t.test('C107 every route → open, also when a guard covers the root context', async t => {
  const configs: Record<string, unknown> = {}
  const { app, manager, request, post } = await tokenApp(t, {
    before: async app => {
      app.addHook('onRoute', ({ method, url, config }) => { configs[`${[method].flat().join()} ${url}`] = config?.keyhole })
      await app.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy: POLICY, store })
    },
    options: { store }
  })
  t.ok(Object.keys(configs).length >= 4)
  for (const [route, config] of Object.entries(configs)) t.strictSame(config, { public: true }, route)
  app.get('/names', { schema: { response: { 200: Type.Object({ name: claimSet('profile_claims', Type.String()) }) } } }, async () => ({ name: 'Ada' }))

  t.equal((await app.inject('/oauth2/jwks')).json().keys.length, 1)
  t.equal((await app.inject('/.well-known/oauth-authorization-server')).json().issuer, ISSUER)
  isRefusal(t, await app.inject('/oauth2/token'), 405, 'invalid_request')
  isRefusal(t, await post(request(manager, { scope: 'banking' })), 400, 'invalid_scope')
  const token = (await post(request(manager))).json().access_token
  t.equal((await app.inject({ url: '/names', headers: { authorization: `Bearer ${token}` } })).body, '{"name":"Ada"}')
  t.equal((await app.inject('/names')).statusCode, 401)
})
