import t from 'tap'
import { SignJWT } from 'jose'
import type { JWK } from '../../lib/keys/jwk.js'
import { readKeyRing } from '../../lib/keys/key-ring.js'
import type { StoredKey } from '../../lib/keys/storage.js'
import { createTokenVerifier, type TokenVerifierOptions } from '../../lib/access-token/verify.js'
import { AUDIENCE, claims, forge, ISSUER, keyPair, keysOf, NOW, refused, verifierOf, type KeyPair } from './forge.js'

const key = keyPair('k1')

t.test('a good token → its claims and scopes, frozen', async t => {
  const { claims: verified, scopes } = await verifierOf(keysOf(key)).verify(forge({ key }))
  t.strictSame(verified, claims())
  t.strictSame(scopes, ['profile'])
})

t.test('a token made by jose → verified', async t => {
  for (const pair of [key, keyPair('k2', 'EdDSA'), keyPair('k3', 'RS256'), keyPair('k4', 'PS256')]) {
    const token = await new SignJWT({ client_id: 'crm', scope: 'profile address' })
      .setProtectedHeader({ alg: pair.alg, kid: pair.kid, typ: 'application/at+jwt' })
      .setIssuer(ISSUER).setAudience([AUDIENCE, 'https://other']).setSubject('crm').setJti('1').setIssuedAt().setExpirationTime('5m')
      .sign(pair.privateKey)
    const verified = await verifierOf(keysOf(pair), { now: () => Date.now() / 1000 }).verify(token)
    t.strictSame(verified.scopes, ['profile', 'address'], pair.alg)
  }
})

t.test('no clock given → the time of this machine', async t => {
  const iat = Math.floor(Date.now() / 1000)
  const token = forge({ key, claims: claims({ iat, exp: iat + 60 }) })
  t.equal((await createTokenVerifier({ issuer: ISSUER, audience: AUDIENCE, keys: keysOf(key) }).verify(token)).claims.iat, iat)
})

t.test('a key that was used before → verified at once, without a promise', async t => {
  const { verify } = verifierOf(keysOf(key))
  await verify(forge({ key, claims: claims({ jti: 'first' }) }))
  const verified = verify(forge({ key, claims: claims({ jti: 'second' }) }))
  t.notOk(verified instanceof Promise)
  t.match(verified, { claims: { jti: 'second' } })
})

t.test('an unknown kid → the keys are read again, and the token holds if the key is there', async t => {
  const { keys, stored, later } = await ringOf(key)
  const next = keyPair('next')
  const { verify } = verifierOf(keys)
  await verify(forge({ key }))
  await refused(t, verify, forge({ key: next }), 'key')
  stored.unshift(asStored(next))
  later()
  t.match(await verify(forge({ key: next })), { claims: claims() })
  t.match(await verify(forge({ key })), { claims: claims() })
  await refused(t, verify, forge({ key: keyPair('nobody') }), 'key')
})

t.test('A105 very many unknown kids → what was verified is still remembered', async t => {
  const { keys, later } = await ringOf(key)
  const { verify } = verifierOf(keys)
  const token = forge({ key })
  const verified = await verify(token)
  for (let round = 0; round < 50; round++) {
    later()
    await refused(t, verify, forge({ key, header: { kid: `k${round}x` } }), 'key')
    t.equal(await verify(token), verified)
  }
})

t.test('the keys cannot be read again → neither verified nor refused: the error of the source', async t => {
  const failure = new Error('store is down')
  const { verify } = verifierOf({ find: () => undefined, refresh: async () => { throw failure } })
  await t.rejects(async () => verify(forge({ key })), failure)
})

t.test('no kid → the only key is taken; none of several is tried', async t => {
  const token = forge({ key, header: { kid: undefined } })
  t.match(await verifierOf(keysOf(key)).verify(token), { claims: claims() })
  await refused(t, verifierOf(keysOf(key, keyPair('k2'))).verify, token, 'key')
})

t.test('a kid that is no string → refused', async t => {
  for (const kid of [1, null, ['k1'], { k1: 1 }]) await refused(t, verifierOf(keysOf(key)).verify, forge({ key, header: { kid } }), 'malformed')
})

t.test('E8 a key is taken away → its tokens are refused once the keys were read again, remembered or not', async t => {
  const { keys, stored, later } = await ringOf(key)
  const { verify } = verifierOf(keys)
  const token = forge({ key })
  await verify(token)
  stored.splice(0, 1, asStored(keyPair('other')))
  later()
  await keys.refresh()
  await refused(t, verify, token, 'key')
})

t.test('another key takes over the kid → tokens of the one before are refused', async t => {
  const { keys, stored, later } = await ringOf(key)
  const { verify } = verifierOf(keys)
  const token = forge({ key })
  await verify(token)
  stored.splice(0, 1, asStored(keyPair('k1')))
  later()
  await keys.refresh()
  await refused(t, verify, token, 'signature')
})

t.test('A66 clockTolerance, cacheSize, issuer, audience of a wrong kind → an error that names the option', async t => {
  const wrong: Array<[keyof TokenVerifierOptions, unknown[]]> = [
    ['clockTolerance', [NaN, Infinity, -1, 60.5, '5', null]],
    ['cacheSize', [0, -1, 1.5, NaN, Infinity, '10']],
    ['issuer', ['', undefined, 1, /auth/]],
    ['audience', ['', undefined, ['https://api.example.com'], /api/g]]
  ]
  for (const [option, values] of wrong) {
    for (const value of values) {
      t.throws(() => verifierOf(keysOf(key), { [option]: value }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: new RegExp(`^${option}: write `) }, `${option} ${String(value)}`)
    }
  }
  for (const clockTolerance of [0, 0.5, 60]) t.doesNotThrow(() => verifierOf(keysOf(key), { clockTolerance }))
})

t.test('a clock tolerance of 60 s → counted both ways', async t => {
  const { verify } = verifierOf(keysOf(key), { clockTolerance: 60 })
  const at = (iat: number, exp: number) => forge({ key, claims: claims({ iat: NOW + iat, exp: NOW + exp }) })
  await t.resolves(async () => verify(at(-300, -59)))
  await t.resolves(async () => verify(at(60, 300)))
  await refused(t, verify, at(-300, -60), 'expired')
  await refused(t, verify, at(61, 300), 'early')
})

t.test('a token that is recalled → the one that was verified, while it holds, and no other text', async t => {
  let time = NOW
  const { recall, verify } = verifierOf(keysOf(key), { now: () => time })
  const token = forge({ key })
  t.equal(recall(token), undefined, 'not verified yet')
  const verified = await verify(token)
  t.equal(recall(token), verified)
  t.equal(recall(` ${token}`), undefined)
  t.equal(recall(forge({ key, claims: claims({ jti: 'other' }) })), undefined)
  t.equal(recall(token.slice(1)), undefined)
  time = verified.claims.exp + 5
  t.equal(recall(token), undefined, 'expired')
})

/** A key ring on a storage that starts with this key, and what makes a second pass. */
async function ringOf (first: KeyPair) {
  const stored = [asStored(first)]
  let clock = 0
  const keys = await readKeyRing({ list: async () => [...stored] }, () => clock)
  return { keys, stored, later: () => { clock += 1000 } }
}

function asStored ({ kid, alg, publicKey }: KeyPair): StoredKey {
  return { kid, alg, publicJwk: publicKey.export({ format: 'jwk' }) as JWK, state: 'active', createdAt: NOW, signsFrom: NOW, retiredAt: null, sealing: 'none' }
}
