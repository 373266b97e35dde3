import { createHmac } from 'node:crypto'
import { exportSPKI, importJWK, type CryptoKey } from 'jose'
import t, { type Test } from 'tap'
import type { CredentialProvider, RequestContext } from '../../lib/credentials/provider.js'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { openStore } from '../../lib/store/open-store.js'
import { assertionOf, clientKey, ISSUER, segment } from './asserting.js'

const CONTEXT: RequestContext = { issuer: ISSUER, signal: new AbortController().signal }

/** A store with clients of private_key_jwt, and what asks about an assertion. */
async function setUp (t: Test, url = 'sqlite::memory:') {
  const store = await openStore(url)
  t.teardown(store.close)
  const provider = storeCredentialProvider(store)
  const key = await clientKey()
  await store.clients.create({ id: 'crm', roles: ['viewer'], authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] } })
  return { store, provider, key, verify: verifier(provider) }
}

const verifier = (provider: CredentialProvider) => async (clientAssertion: string, clientId = 'crm', apiKey?: string) =>
  await provider.verify({ clientId, clientSecret: undefined, apiKey, clientAssertion }, CONTEXT)

t.test('an assertion signed by the client\'s key → the principal, with each algorithm', async t => {
  const { store, key, verify } = await setUp(t)
  t.match(await verify(await assertionOf('crm', key)), { clientId: 'crm', roles: ['viewer'] })
  for (const alg of ['EdDSA', 'RS256', 'PS256']) {
    const other = await clientKey(alg)
    await store.clients.create({ id: alg, roles: ['viewer'], authMethod: 'private_key_jwt', jwks: { keys: [other.publicJwk, key.publicJwk] } })
    t.match(await verify(await assertionOf(alg, other), alg), { clientId: alg })
    t.match(await verify(await assertionOf(alg, key), alg), { clientId: alg }, 'the key that kid names')
  }
})

t.test('without iat, without kid where there is one key, a type of its own, an audience as list → accepted', async t => {
  const { key, verify } = await setUp(t)
  t.ok(await verify(await assertionOf('crm', key, { claims: { iat: undefined } })))
  t.ok(await verify(await assertionOf('crm', key, { header: { kid: undefined } })))
  for (const typ of ['JWT', 'jwt', 'application/jwt', 'client-authentication+jwt']) t.ok(await verify(await assertionOf('crm', key, { header: { typ } })), typ)
  t.ok(await verify(await assertionOf('crm', key, { claims: { aud: [ISSUER] } })))
})

t.test('C34, C35, C37, C38, C39 wrong or missing claims → null', async t => {
  const { key, verify } = await setUp(t)
  const now = Date.now() / 1000
  const wrong: Record<string, Record<string, unknown>> = {
    'C34 no iss': { iss: undefined },
    'C34 no sub': { sub: undefined },
    'C34 no aud': { aud: undefined },
    'C34 no exp': { exp: undefined },
    'C35 iss of another': { iss: 'other' },
    'C35 sub of another': { sub: 'other' },
    'C35 iss as a list': { iss: ['crm'] },
    'aud: the token endpoint': { aud: `${ISSUER}/oauth2/token` },
    'aud: a slash more': { aud: `${ISSUER}/` },
    'aud: several': { aud: [ISSUER, 'https://other.example.com'] },
    'aud: twice the same': { aud: [ISSUER, ISSUER] },
    'aud: none': { aud: [] },
    'aud: nested': { aud: [[ISSUER]] },
    'C37 expired': { exp: now - 31 },
    'C37 exp too far away': { exp: now + 640 },
    'C37 exp as text': { exp: `${now + 60}` },
    'C37 iat in the future': { iat: now + 40 },
    'C37 iat long ago': { iat: now - 640 },
    'C37 iat as text': { iat: 'now' },
    'C38 nbf in the future': { nbf: now + 60 },
    'C39 no jti': { jti: undefined },
    'C39 an empty jti': { jti: '' },
    'C39 jti as a number': { jti: 1 }
  }
  for (const [name, claims] of Object.entries(wrong)) t.equal(await verify(await assertionOf('crm', key, { claims })), null, name)
  t.ok(await verify(await assertionOf('crm', key, { claims: { exp: now - 20, iat: now + 20 } })), 'clocks may differ by half a minute')
})

t.test('C37 exp: 1e400 → null', async t => {
  const { key, verify } = await setUp(t)
  const { sign } = await import('node:crypto')
  const input = `${segment({ alg: 'ES256', kid: key.kid })}.${Buffer.from(`{"iss":"crm","sub":"crm","aud":"${ISSUER}","jti":"1","exp":1e400}`).toString('base64url')}`
  const { KeyObject } = await import('node:crypto')
  const signature = sign('sha256', Buffer.from(input), { key: KeyObject.from(key.privateKey), dsaEncoding: 'ieee-p1363' }).toString('base64url')
  t.equal(await verify(`${input}.${signature}`), null)
})

t.test('C41 other algorithms than the one of the key, keys in the header, the public key as a secret → null', async t => {
  const { store, key, verify } = await setUp(t)
  const rsa = await clientKey('RS256')
  await store.clients.create({ id: 'rsa', roles: ['viewer'], authMethod: 'private_key_jwt', jwks: { keys: [rsa.publicJwk] } })
  const rs512 = await importJWK({ ...await (await import('jose')).exportJWK(rsa.privateKey) }, 'RS512') as CryptoKey
  t.equal(await verify(await assertionOf('rsa', { ...rsa, alg: 'RS512', privateKey: rs512 }), 'rsa'), null, 'RS512 with a key of RS256')

  const [, payload] = (await assertionOf('crm', key)).split('.')
  const pem = await exportSPKI(await importJWK(key.publicJwk, 'ES256') as CryptoKey)
  for (const [name, secret] of Object.entries({ PEM: pem, JWK: JSON.stringify(key.publicJwk), empty: '' })) {
    const input = `${segment({ alg: 'HS256', kid: key.kid })}.${payload}`
    t.equal(await verify(`${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`), null, `HS256 with the public key as ${name}`)
  }
  for (const alg of ['none', 'None', 'HS256', undefined, 1, null]) {
    for (const signature of ['', 'AAAA']) t.equal(await verify(`${segment({ alg, kid: key.kid })}.${payload}.${signature}`), null, `alg ${alg}`)
  }
  const own = await clientKey()
  t.equal(await verify(await assertionOf('crm', own, { header: { kid: key.kid } })), null, 'signed by another key')
  t.equal(await verify(await assertionOf('crm', own)), null, 'of a kid that is not registered')
  t.equal(await verify(await assertionOf('crm', own, { header: { kid: own.kid, jwk: own.publicJwk, jku: 'https://evil.example.com' } as never })), null, 'with its key in the header')
  t.equal(await verify(await assertionOf('crm', key, { header: { crit: ['exp'] } as never, claims: {} }).catch(() => 'x.y.z')), null, 'critical headers')
})

t.test('another kind of JWT that the client signed → null', async t => {
  const { key, verify } = await setUp(t)
  for (const typ of ['at+jwt', 'dpop+jwt', 'application/at+jwt', 'logout+jwt', 'token-introspection+jwt', '']) {
    t.equal(await verify(await assertionOf('crm', key, { header: { typ } })), null, typ)
  }
})

t.test('C46 no JWT at all, or hardly one → null', async t => {
  const { key, verify } = await setUp(t)
  const good = await assertionOf('crm', key)
  const [header, payload, signature] = good.split('.') as [string, string, string]
  const wrong = ['', 'x', '..', `${header}.${payload}`, `${good}.x`, `${segment(null)}.${payload}.${signature}`, `${segment([])}.${payload}.${signature}`,
    `${segment('x')}.${payload}.${signature}`, `${header}.${segment([])}.${signature}`, `${header}.${segment(null)}.${signature}`, `${good} `, ` ${good}`, `${good}=`,
    JSON.stringify({ payload, protected: header, signature }), `${header}.${payload}.`, `${segment({ alg: 'ES256', kid: 1 })}.${payload}.${signature}`, `${segment({ alg: 'ES256', kid: key.kid, typ: 1 })}.${payload}.${signature}`]
  for (const assertion of wrong) t.equal(await verify(assertion), null, assertion)
  t.equal(await verify(await assertionOf('crm', key, { claims: { padding: 'x'.repeat(8192) } })), null, 'longer than 8192 characters')
})

t.test('C39, C40 a jti → good once for each client, of any length; a refused assertion does not use it up', async t => {
  const { store, key, verify } = await setUp(t)
  const other = await clientKey()
  await store.clients.create({ id: 'other', roles: ['viewer'], authMethod: 'private_key_jwt', jwks: { keys: [other.publicJwk] } })
  const claims = { jti: 'x'.repeat(4000) }
  t.equal(await verify(await assertionOf('crm', key, { claims: { ...claims, aud: 'https://elsewhere.example.com' } })), null)
  t.ok(await verify(await assertionOf('crm', key, { claims })))
  t.equal(await verify(await assertionOf('crm', key, { claims })), null, 'another assertion of the same jti')
  t.ok(await verify(await assertionOf('other', other, { claims }), 'other'), 'another client')
})

t.test('C39 the twin of an ECDSA signature → null', async t => {
  const { key, verify } = await setUp(t)
  const assertion = await assertionOf('crm', key)
  const [header, payload, signature] = assertion.split('.') as [string, string, string]
  const bytes = Buffer.from(signature, 'base64url')
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
  const s = (order - BigInt('0x' + bytes.subarray(32).toString('hex'))).toString(16).padStart(64, '0')
  const twin = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s, 'hex')]).toString('base64url')
  t.ok(await verify(assertion))
  t.equal(await verify(`${header}.${payload}.${twin}`), null)
})

t.test('E13 one assertion at two nodes at once → one success', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const { key, verify } = await setUp(t, url)
  const second = await openStore(url)
  t.teardown(second.close)
  const verifyThere = verifier(storeCredentialProvider(second))
  for (let round = 0; round < 10; round++) {
    const assertion = await assertionOf('crm', key)
    const answers = await Promise.all([verify(assertion), verifyThere(assertion)])
    t.equal(answers.filter(answer => answer !== null).length, 1)
  }
})

t.test('E16 what was used cannot be remembered → unavailable, not wrong', async t => {
  const { store, key } = await setUp(t)
  const provider = storeCredentialProvider({ ...store, replays: { use: async () => { throw new Error('disk full') } } })
  await t.rejects(verifier(provider)(await assertionOf('crm', key)), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: 'disk full' } })
})

t.test('B40 a method that the client was not registered for → null', async t => {
  const { store, provider, key, verify } = await setUp(t)
  const { clientSecret, apiKey } = await store.clients.create({ id: 'web', roles: ['viewer'] })
  t.equal(await verify(await assertionOf('web', key), 'web', apiKey), null, 'an assertion of a client with a secret')
  t.equal(await provider.verify({ clientId: 'crm', clientSecret, apiKey }, CONTEXT), null, 'a secret of a client with a key')
  t.equal(await verify(await assertionOf('nobody', key), 'nobody'), null, 'unknown client')
  t.equal(await verify(await assertionOf('', key), 'nobody'), null, 'a client of no name')
})

t.test('a disabled client → null', async t => {
  const { store, key, verify } = await setUp(t)
  await store.clients.disable('crm')
  t.equal(await verify(await assertionOf('crm', key)), null)
})

t.test('requireApiKey: true → an assertion is not enough; false → a secret is', async t => {
  const { store, provider, key, verify } = await setUp(t)
  const { apiKey } = await store.clients.create({ id: 'both', roles: ['viewer'], authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] }, requireApiKey: true })
  t.equal(await verify(await assertionOf('both', key), 'both'), null)
  t.ok(await verify(await assertionOf('both', key), 'both', apiKey))
  const { clientSecret, apiKey: none } = await store.clients.create({ id: 'alone', roles: ['viewer'], requireApiKey: false })
  t.equal(none, undefined)
  t.ok(await provider.verify({ clientId: 'alone', clientSecret, apiKey: undefined }, CONTEXT))
  t.equal(await provider.verify({ clientId: 'alone', clientSecret: undefined, apiKey }, CONTEXT), null)
})

t.test('a store that remembers nothing → no assertion holds', async t => {
  const { store, key } = await setUp(t)
  const provider = storeCredentialProvider({ credentials: store.credentials })
  t.equal(provider.checksAssertions, false)
  t.equal(await verifier(provider)(await assertionOf('crm', key)), null)
})
