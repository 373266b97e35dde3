import { generateKeyPairSync, randomBytes, sign, verify, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { JWK } from '../../lib/keys/jwk.js'
import type { Algorithm } from '../../lib/keys/key-source.js'
import { algorithmOf, verificationKey } from '../../lib/keys/verification-key.js'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const EC = exported(ec.publicKey)
const ED = exported(ed.publicKey)
const RSA = exported(rsa.publicKey)

function exported (key: KeyObject): JWK {
  return key.export({ format: 'jwk' }) as JWK
}

function refused (t: Test, jwk: unknown, reason: RegExp): void {
  t.throws(() => verificationKey(jwk as JWK), { code: 'FST_KEYHOLE_KEY_REFUSED', message: reason })
}

t.test('the algorithm of a key, without loading it → that with which it is loaded; none where it would be refused', async t => {
  for (const jwk of [EC, ED, RSA, { ...EC, alg: 'ES256' }, { ...RSA, alg: 'PS256' }]) t.equal(algorithmOf(jwk), verificationKey(jwk).alg)
  for (const jwk of [{ ...EC, alg: 'RS256' }, { ...EC, crv: 'P-384' }, { kty: 'oct' }, { kty: 'toString' }]) t.equal(algorithmOf(jwk), undefined, JSON.stringify(jwk))
})

t.test('a key without alg → the default of its type, and it verifies', async t => {
  for (const [jwk, alg, privateKey, hash] of [[EC, 'ES256', ec.privateKey, 'sha256'], [ED, 'EdDSA', ed.privateKey, null], [RSA, 'RS256', rsa.privateKey, 'sha256']] as const) {
    const key = verificationKey({ ...jwk, kid: 'k' })
    t.match(key, { kid: 'k', alg }, alg)
    t.ok(Object.isFrozen(key))
    t.ok(verify(hash, Buffer.from('text'), key.publicKey, sign(hash, Buffer.from('text'), privateKey)), alg)
  }
})

t.test('A10 a key with alg → pinned to that one', async t => {
  const pinned: Array<[JWK, Algorithm]> = [[EC, 'ES256'], [ED, 'EdDSA'], [RSA, 'RS256'], [RSA, 'PS256']]
  for (const [jwk, alg] of pinned) t.equal(verificationKey({ ...jwk, alg }).alg, alg)
})

t.test('A10 an alg that does not fit the key → refused, naming those that do', async t => {
  refused(t, { ...EC, kid: 'a', alg: 'ES384' }, /^The key "a" is refused: its alg does not fit; for EC P-256 write ES256\.$/)
  refused(t, { ...EC, alg: 'RS256' }, /its alg does not fit/)
  refused(t, { ...ED, alg: 'ES256' }, /for OKP Ed25519 write EdDSA/)
  for (const alg of ['RS512', 'PS512', 'RSA-OAEP', 'HS256', 'none', '', 'rs256', null, 5]) refused(t, { ...RSA, alg }, /write RS256 or PS256/)
})

t.test('A11 secp256k1 → refused by name, with and without alg ES256', async t => {
  const k1 = exported(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)
  refused(t, k1, /^The key without kid is refused: keys of type EC secp256k1 are not taken; EC P-256, OKP Ed25519, RSA are\.$/)
  refused(t, { ...k1, alg: 'ES256' }, /EC secp256k1/)
})

t.test('A11 a secp256k1 point that says it is on P-256 → refused', async t => {
  const k1 = exported(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey)
  refused(t, { ...k1, crv: 'P-256' }, /its x, y are no key of type EC P-256/)
})

t.test('other types and curves → refused by name', async t => {
  refused(t, exported(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), /EC P-384/)
  refused(t, exported(generateKeyPairSync('ed448').publicKey), /OKP Ed448/)
  refused(t, exported(generateKeyPairSync('x25519').publicKey), /OKP X25519/)
  refused(t, { kty: 'oct', k: randomBytes(32).toString('base64url'), alg: 'HS256' }, /type oct are not taken/)
  refused(t, { ...RSA, crv: 'P-256' }, /RSA P-256/)
  for (const jwk of [{ kty: 'toString' }, { kty: 'constructor' }, { kty: 'rsa' }, { kty: 'RSA', crv: '' }]) refused(t, jwk, /are not taken/)
  for (const jwk of [{}, { kty: ['RSA'] }, { kty: 'EC', crv: ['P-256'] }, { kty: { toString: 1 } }]) refused(t, jwk, /its kty or crv is not a string/)
  for (const jwk of [null, 'key', 5, undefined]) refused(t, jwk, /not a JSON object/)
})

t.test('A12 RSA of 1024 or 2047 bits → refused, of 2048 → taken', async t => {
  refused(t, exported(generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey), /RSA of 1024 bits; it takes 2048 or more/)
  refused(t, exported(generateKeyPairSync('rsa', { modulusLength: 2047 }).publicKey), /RSA of 2047 bits/)
  t.equal(verificationKey(RSA).alg, 'RS256')
})

t.test('RSA with an exponent of 1, 0 or an even one → refused', async t => {
  for (const bytes of [[1], [0], [2], [1, 0, 0]]) refused(t, { ...RSA, e: Buffer.from(bytes).toString('base64url') }, /exponent e is even or below 3/)
  t.ok(verificationKey({ ...RSA, e: 'Aw' }), 'e = 3')
})

t.test('a private key → refused, and no part of it is shown', async t => {
  for (const { privateKey } of [ec, ed, rsa]) {
    const jwk = exported(privateKey)
    refused(t, jwk, /^The key without kid is refused: it is a private key; only its public members belong here\.$/)
  }
})

t.test('a key for another use → refused', async t => {
  refused(t, { ...EC, use: 'enc' }, /its use is not "sig"/)
  for (const operations of [['sign'], [], ['encrypt', 'wrapKey'], 'verify', null]) refused(t, { ...EC, key_ops: operations }, /key_ops lack "verify"/)
  t.ok(verificationKey({ ...EC, use: 'sig', key_ops: ['verify'] }))
})

t.test('a kid that is not a string → refused', async t => {
  refused(t, { ...EC, kid: 5 }, /^The key 5 is refused: its kid is not a string/)
})

t.test('a point that is not on the curve → refused', async t => {
  refused(t, { ...EC, y: EC.x }, /are no key of type EC P-256/)
  fc.assert(fc.property(fc.integer({ min: 0, max: 255 }), bit => {
    const y = Buffer.from(EC.y!, 'base64url')
    y[bit >> 3]! ^= 1 << (bit & 7)
    t.throws(() => verificationKey({ ...EC, y: y.toString('base64url') }), { code: 'FST_KEYHOLE_KEY_REFUSED' })
  }))
})

t.test('members that are missing, no strings or no base64url → refused', async t => {
  for (const x of [undefined, '', 5, null, `${EC.x}=`, `!${EC.x}`, `${EC.x} `, '+/+/']) refused(t, { ...EC, x }, /its x is not base64url/)
  refused(t, { ...ED, x: ED.x!.slice(4) }, /its x are no key|its x is|no key of type OKP Ed25519/)
  refused(t, { ...RSA, n: undefined }, /its n is not base64url/)
})

t.test('any JSON value → a key or a refusal, never another error', async t => {
  const member = fc.oneof(fc.constantFrom(...Object.values(EC), ...Object.values(RSA), 'EC', 'RSA', 'OKP', 'P-256', 'Ed25519', 'sig', 'ES256'), fc.jsonValue())
  const jwk = fc.record({ kty: member, crv: member, x: member, y: member, n: member, e: member, kid: member, alg: member, use: member, key_ops: member }, { requiredKeys: [] })
  fc.assert(fc.property(fc.oneof(jwk, fc.jsonValue()), value => {
    try {
      verificationKey(value as unknown as JWK)
    } catch (error) {
      if ((error as { code?: string }).code !== 'FST_KEYHOLE_KEY_REFUSED') throw error
    }
  }), { numRuns: 1000 })
  t.pass()
})

t.test('E37 RSA so large that checking a signature takes long → refused', async t => {
  const number = (bits: number) => Buffer.concat([Buffer.of(1 << ((bits - 1) % 8)), randomBytes(Math.ceil(bits / 8) - 1).fill(0xff)]).toString('base64url')
  t.ok(verificationKey({ ...RSA, n: number(4096) }))
  t.ok(verificationKey({ ...RSA, e: number(32) }))
  refused(t, { ...RSA, n: number(4097) }, /RSA of 4097 bits; it takes 4096 at most/)
  refused(t, { ...RSA, n: number(16384) }, /it takes 4096 at most/)
  refused(t, { ...RSA, e: number(33) }, /exponent e is above 2\^32/)
})
