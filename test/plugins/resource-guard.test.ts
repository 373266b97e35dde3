import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import type { JWK } from '../../lib/keys/jwk.js'
import { createPolicy } from '../../lib/policy/policy.js'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import resourceGuard, { type ResourceGuardOptions } from '../../plugins/resource-guard.js'
import { keyPair } from '../access-token/forge.js'
import { bootFaults, customerRoute, GUARD, guardedApp, JANE, KEY, POLICY, publicJwk, tokenOf, bearer, isRefusal } from './resource-guard-app.js'

/** Options and route configuration: what is wrong stops the boot, by name and with its cure. */

async function boot (options: object): Promise<void> {
  const app = Fastify()
  await app.register(resourceGuard, options as ResourceGuardOptions)
  await app.ready()
  await app.close()
}

const { jwks: _, ...WITHOUT_KEYS } = GUARD

t.test('a wrong option → refused at registration, by name and with its cure', async t => {
  const wrong: [object, RegExp][] = [
    [{ issuer: undefined }, /^issuer: write the URL/],
    [{ issuer: 'auth.example.com' }, /^issuer: write the URL/],
    [{ issuer: 'http://auth.example.com' }, /^issuer: write https/],
    [{ issuer: 'https://auth.example.com/' }, /^issuer: write 'https:\/\/auth\.example\.com'/],
    [{ audience: undefined }, /^audience: write the URL of this API/],
    [{ audience: '' }, /^audience: write/],
    [{ audience: ['https://api.example.com'] }, /^audience: write/],
    [{ audience: /api/g }, /^audience: write/],
    [{ policy: undefined }, /^policy: pass a policy/],
    [{ policy: null }, /^policy: pass a policy/],
    [{ policy: 'policy.json' }, /^policy: pass a policy/],
    [{ jwks: undefined }, /^store: pass either the store that the token endpoint uses, or jwks/],
    [{ store: { keys: { list: async () => [] } } }, /^store: pass either/],
    [{ jwks: undefined, store: {} }, /^store: pass the store/],
    [{ jwks: undefined, store: null }, /^store: pass the store/],
    [{ jwks: undefined, store: { keys: {} } }, /^store: pass the store/],
    [{ jwks: null }, /^jwks: write a JWK Set/],
    [{ jwks: { keys: [] } }, /^jwks: write a JWK Set/],
    [{ jwks: 'http://auth.example.com/jwks' }, /^jwks: write a JWK Set/],
    [{ clockTolerance: NaN }, /^clockTolerance: write a number of seconds from 0 to 60/],
    [{ clockTolerance: Infinity }, /^clockTolerance: write/],
    [{ clockTolerance: -1 }, /^clockTolerance: write/],
    [{ clockTolerance: 61 }, /^clockTolerance: write/],
    [{ clockTolerance: '5' }, /^clockTolerance: write/],
    [{ clockTolerance: null }, /^clockTolerance: write/],
    [{ clocktolerance: 5 }, /^clocktolerance: resourceGuard has no such option; it has issuer, audience, policy, store, jwks, issuers, clockTolerance, dpop, resourceMetadata, masks, maskKey, audit, observe, onObserved\./],
    [{ dpop: null }, /^dpop: write an object/],
    [{ dpop: 'required' }, /^dpop: write an object/],
    [{ dpop: { Required: true } }, /^dpop\.Required: there is no such member; there are required, baseUrl, nonce, nonceKey/],
    [{ dpop: { required: 1 } }, /^dpop\.required: write true or false/],
    [{ dpop: { required: true }, audience: 'customers' }, /^dpop\.baseUrl: write where clients see/],
    [{ dpop: { baseUrl: 'api.example.com' } }, /^dpop\.baseUrl: write a URL/],
    [{ dpop: { baseUrl: 'https://api.example.com?' } }, /^dpop\.baseUrl: write a URL/],
    [{ dpop: { baseUrl: 1 } }, /^dpop\.baseUrl: write a URL/],
    [{ dpop: { nonce: '300' } }, /^dpop\.nonce: write true/],
    [{ dpop: { nonce: true } }, /^dpop\.nonceKey: write the secret/],
    [{ resourceMetadata: 'yes' }, /^resourceMetadata: write true or false/],
    [{ resourceMetadata: true, audience: 'customers' }, /^resourceMetadata: the audience is no URL/],
    [{ prefix: '/api' }, /^prefix: resourceGuard has no such option/],
    [{ algorithms: ['none'] }, /^algorithms: resourceGuard has no such option/]
  ]
  for (const [change, message] of wrong) {
    await t.rejects(boot({ ...GUARD, ...change }), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(change))
  }
  await t.resolves(boot(GUARD))
  await t.resolves(boot({ ...GUARD, clockTolerance: 0 }))
})

t.test('A66 a tolerance that is no number of seconds → no boot', async t => {
  for (const clockTolerance of [NaN, Infinity, -Infinity, -1]) await t.rejects(boot({ ...GUARD, clockTolerance }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^clockTolerance/ })
})

t.test('a policy document or keys that are refused → no boot, with every fault', async t => {
  await t.rejects(boot({ ...GUARD, policy: { ...POLICY, roles: { a: ['x'], b: ['y'] } } }), { code: 'FST_KEYHOLE_POLICY_INVALID', message: /\/roles\/a\/0: .*\n.*\/roles\/b\/0: / })
  const { d, ...rest } = keyPair('secret').privateKey.export({ format: 'jwk' })
  const error = await t.rejects(boot({ ...GUARD, jwks: { keys: [{ ...rest, d, kid: 'secret' } as JWK] } }), { code: 'FST_KEYHOLE_KEY_REFUSED', message: /"secret" is refused: it is a private key/ })
  t.notMatch(String(error), d)
})

t.test('what the store throws at the boot → no boot', async t => {
  const failure = Object.assign(new Error('away'), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE' })
  await t.rejects(boot({ ...WITHOUT_KEYS, store: { keys: { list: async () => { throw failure } } } }), failure)
})

t.test('a policy → shared, so that replacing it acts here', async t => {
  const policy = createPolicy(POLICY)
  const { get } = await guardedApp(t, customerRoute(), { options: { policy } })
  t.strictSame((await get('/customer', 'contact')).json(), { id: JANE.id, name: JANE.name })
  policy.replace({ ...POLICY, scopes: { ...POLICY.scopes, contact: {} } })
  t.strictSame((await get('/customer', 'contact')).json(), { id: JANE.id })
  t.throws(() => policy.replace({ ...POLICY, scopes: { 'a b': {} } }), { code: 'FST_KEYHOLE_POLICY_INVALID' })
  t.strictSame((await get('/customer', 'contact')).json(), { id: JANE.id }, 'a bad one changes nothing')
})

const Bare = Type.Object({ nickname: Type.String(), name: claimSet('profile_claims', Type.String()), address: Type.Object({ zip: Type.String() }) })

t.test('fields without a claim set → one line for each schema, in these words', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(async api => {
    await api.register(resourceGuard, { ...GUARD, policy: { ...POLICY, claimSets: { contact_claims: {}, profile_claims: {}, address_claims: {}, banking_claims: {} } } })
    api.get('/customers/:id', { schema: { response: { 200: Bare } } }, async () => ({}))
  })
  await t.rejects(async () => { await app.ready() }, {
    code: 'FST_KEYHOLE_ROUTE_INVALID',
    message: 'These routes cannot be guarded as they stand:\n' +
      '  GET /customers/:id, response 200: no claim set on /nickname, /address/zip. Wrap them in claimSet(...) with contact_claims, profile_claims, address_claims, banking_claims or ANY_TOKEN, or annotate their parent.'
  })
})

t.test('everything that is wrong with the routes of a guard → told at once', async t => {
  const faults = await bootFaults(t, api => {
    const get = (url: string, keyhole: unknown, response: object = {}) => api.get(url, { config: { keyhole } as never, schema: { response } }, async () => ({}))
    get('/1', { scope: 'bankng' })
    get('/2', { scope: ['bankng', 'profile', 'toString'] })
    get('/3', { scope: [] })
    get('/4', { scope: ['profile', 1] })
    get('/5', { scopes: 'profile', role: 'admin' })
    get('/6', { public: 'yes' })
    get('/7', { release: 'raw' })
    get('/8', { release: { raw: '' } })
    get('/9', { release: { raw: 'a file', more: 1 } })
    get('/10', { public: true, scope: 'profile' })
    get('/11', { public: true, release: { raw: 'a file' } })
    get('/12', 'public')
    get('/13', ['public'])
    get('/14', undefined, { 200: 'text', '4xx': true, 500: null })
    get('/15', { public: true, scope: 'nobody' }, { 200: 'text' })
    get('/16', null)
    get('/17', { scope: null })
    get('/18', { release: null })
    get('/19', { release: { raw: ' \n' } })
    get('/20', { public: false, scope: 'profile' })
  })
  const scopes = 'The policy has contact, profile, address, banking, profile:write, address:write, banking:write.'
  t.strictSame(faults, [
    `GET /1, config.keyhole: unknown scope bankng. ${scopes}`,
    `GET /2, config.keyhole: unknown scope bankng, toString. ${scopes}`,
    'GET /3, config.keyhole: scope is the name of a scope, or a list of names that is not empty.',
    'GET /4, config.keyhole: scope is the name of a scope, or a list of names that is not empty.',
    'GET /5, config.keyhole: there is no scopes, role; there are scope, public, release, observe, dpop.',
    'GET /6, config.keyhole: public is true or false.',
    "GET /7, config.keyhole: release takes { raw: 'the reason why' }.",
    "GET /8, config.keyhole: release takes { raw: 'the reason why' }.",
    "GET /9, config.keyhole: release takes { raw: 'the reason why' }.",
    'GET /10, config.keyhole: a public route has neither scope nor release.',
    'GET /11, config.keyhole: a public route has neither scope nor release.',
    'GET /12, config.keyhole: write an object with scope, public or release.',
    'GET /13, config.keyhole: write an object with scope, public or release.',
    'GET /14, response 200: a response schema is an object. Leave it out where there is no body.',
    'GET /14, response 500: a response schema is an object. Leave it out where there is no body.',
    'GET /14, response 4xx: a response schema is an object. Leave it out where there is no body.',
    'GET /15, config.keyhole: a public route has neither scope nor release.',
    'GET /15, response 200: a response schema is an object. Leave it out where there is no body.',
    'GET /17, config.keyhole: scope is the name of a scope, or a list of names that is not empty.',
    "GET /18, config.keyhole: release takes { raw: 'the reason why' }.",
    "GET /19, config.keyhole: release takes { raw: 'the reason why' }."
  ])
})

t.test('the twin for HEAD → named for itself only where it stands alone', async t => {
  t.match(await bootFaults(t, api => {
    api.get('/both', { schema: { response: { 200: Bare } } }, async () => ({}))
    api.head('/alone', { schema: { response: { 200: Bare } } }, async () => ({}))
  }), [/^GET \/both, /, /^HEAD \/alone, /])
})

t.test('a serializer that writes lists whole → no boot', async t => {
  const faults = await bootFaults(t, customerRoute(), { server: { serializerOpts: { largeArrayMechanism: 'json-stringify' } } })
  t.match(faults, [/^GET \/customer, response 200: .*largeArrayMechanism/])
})

t.test('E28 a claim set that the policy lost later → withheld, no failure', async t => {
  const policy = createPolicy(POLICY)
  const { get } = await guardedApp(t, customerRoute(), { options: { policy } })
  policy.replace({ claimSets: { profile_claims: {} }, scopes: { profile: { reads: ['profile_claims'] } }, roles: {} })
  t.strictSame((await get('/customer', 'profile banking')).json(), { id: JANE.id, name: JANE.name, age: JANE.age })
})

t.test('a scope of a route that the policy lost later → nobody gets in', async t => {
  const policy = createPolicy(POLICY)
  const { get } = await guardedApp(t, api => {
    api.get('/', { config: { keyhole: { scope: 'banking' } }, schema: { response: { 200: claimSet(ANY_TOKEN, Type.Object({})) } } }, async () => ({}))
  }, { options: { policy } })
  t.equal((await get('/', 'banking')).statusCode, 200)
  policy.replace({ ...POLICY, scopes: { profile: { reads: ['profile_claims'] } } })
  isRefusal(t, await get('/', 'banking'), 403, /scope="banking"/)
})

t.test('several keys → each token by the one that it names', async t => {
  const other = keyPair('k2', 'EdDSA')
  const { app } = await guardedApp(t, customerRoute(), { options: { jwks: { keys: [publicJwk(KEY), publicJwk(other)] } } })
  for (const token of [tokenOf(), tokenOf('', {}, { key: other })]) t.equal((await app.inject({ url: '/customer', headers: bearer(token) })).statusCode, 200)
  t.equal((await app.inject({ url: '/customer', headers: bearer(tokenOf('', {}, { header: { kid: undefined } })) })).statusCode, 401)
})
