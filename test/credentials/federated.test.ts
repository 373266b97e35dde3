import t, { type Test } from 'tap'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { createForeignIssuers, type ForeignIssuers } from '../../lib/issuers/foreign-issuers.js'
import { openStore } from '../../lib/store/open-store.js'
import { assertionOf, clientKey, ISSUER, type ClientKey } from './asserting.js'

const KUBERNETES = 'https://kubernetes.example.com'
const SUBJECT = 'system:serviceaccount:shop:crm'

async function setUp (t: Test) {
  const store = await openStore('sqlite::memory:')
  t.teardown(store.close)
  const [key, other] = await Promise.all([clientKey('RS256'), clientKey('ES256')])
  const trustedIssuers = await createForeignIssuers({
    log: { info: () => {}, warn: () => {}, error: () => {} },
    issuers: [{ issuer: KUBERNETES, jwks: { keys: [key.publicJwk] } }, { issuer: 'https://other.example.com', jwks: { keys: [other.publicJwk] } }]
  })
  await store.clients.create({ id: 'crm', roles: ['viewer'], authMethod: 'federated', federated: { issuer: KUBERNETES, subject: SUBJECT } })
  const provider = storeCredentialProvider(store)
  const verify = async (clientAssertion: string, clientId = 'crm', trusted: Pick<ForeignIssuers, 'verify'> = trustedIssuers) =>
    await provider.verify({ clientId, clientSecret: undefined, apiKey: undefined, clientAssertion }, { issuer: ISSUER, signal: new AbortController().signal, trustedIssuers: trusted })
  return { store, provider, key, other, verify }
}

/** What the platform gives to the workload. */
const given = (key: ClientKey, claims: Record<string, unknown> = {}, header = {}) =>
  assertionOf(SUBJECT, key, { claims: { iss: KUBERNETES, ...claims }, header })

t.test('a JWT of the issuer, the subject and the audience that the client is registered with → the principal, until it expires', async t => {
  const { store, key, verify } = await setUp(t)
  const assertion = await given(key, { jti: 'x' })
  t.match(await verify(assertion), { clientId: 'crm', roles: ['viewer'] })
  t.ok(await verify(assertion), 'it serves for many requests')
  t.ok(await verify(await given(key, { aud: [ISSUER, 'https://kubernetes.default.svc'], jti: undefined })))
  await store.clients.create({ id: 'job', roles: ['viewer'], authMethod: 'federated', federated: { issuer: KUBERNETES, subject: SUBJECT, audience: 'keyhole' } })
  t.match(await verify(await given(key, { aud: 'keyhole' }), 'job'), { clientId: 'job' })
  t.equal(await verify(await given(key), 'job'), null, 'for another audience than the registered one')
})

t.test('anything else → null', async t => {
  const { store, key, other, verify } = await setUp(t)
  const wrong: Record<string, string> = {
    'another subject': await given(key, { sub: 'system:serviceaccount:shop:other' }),
    'no subject': await given(key, { sub: undefined }),
    'a subject in another case': await given(key, { sub: SUBJECT.toUpperCase() }),
    'a subject as list': await given(key, { sub: [SUBJECT] }),
    'another audience': await given(key, { aud: 'https://kubernetes.default.svc' }),
    'another trusted issuer, with its own key': await given(other, { iss: 'https://other.example.com' }),
    'the issuer, with the key of another trusted one': await given(other),
    'an issuer that nobody trusts': await given(key, { iss: 'https://evil.example.com' }),
    expired: await given(key, { exp: 1 }),
    'an access token': await given(key, {}, { typ: 'at+jwt' }),
    'a DPoP proof': await given(key, {}, { typ: 'dpop+jwt' }),
    'a type that is no text': await given(key, {}, { typ: ['JWT'] }),
    'no JWT': 'x',
    'what the client signed itself': await assertionOf('crm', key)
  }
  for (const [name, assertion] of Object.entries(wrong)) t.equal(await verify(assertion), null, name)
  t.equal(await verify(await given(key), 'nobody'), null, 'an unknown client')
  const { clientSecret } = await store.clients.create({ id: 'web', roles: ['viewer'], requireApiKey: false })
  t.equal(await verify(await given(key), 'web'), null, 'a client with a secret')
  t.equal(await storeCredentialProvider(store).verify({ clientId: 'crm', clientSecret, apiKey: undefined }, { issuer: ISSUER, signal: new AbortController().signal }), null, 'a secret')
})

t.test('no trusted issuers → null', async t => {
  const { store, key } = await setUp(t)
  const credentials = { clientId: 'crm', clientSecret: undefined, apiKey: undefined, clientAssertion: await given(key) }
  t.equal(await storeCredentialProvider(store).verify(credentials, { issuer: ISSUER, signal: new AbortController().signal }), null)
})

t.test('an issuer out of reach → unavailable, not wrong', async t => {
  const { key, verify } = await setUp(t)
  const unreachable = { verify: async () => { throw new Error('connect ECONNREFUSED') } }
  await t.rejects(verify(await given(key), 'crm', unreachable), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: 'connect ECONNREFUSED' } })
})
