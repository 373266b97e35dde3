import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import type { JWK } from '../../lib/keys/jwk.js'
import { readPrivateKey } from '../../lib/keys/private-key.js'

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const ed = generateKeyPairSync('ed25519').privateKey
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey

function jwkOf (key: KeyObject, more: object = {}): string {
  return JSON.stringify({ ...key.export({ format: 'jwk' }), ...more })
}

function pemOf (key: KeyObject, type: 'pkcs8' | 'pkcs1' | 'sec1' = 'pkcs8'): string {
  return key.export({ format: 'pem', type: type as 'pkcs8' }) as string
}

function refused (t: Test, text: string, reason: RegExp, alg?: string): void {
  const error = t.throws(() => readPrivateKey(text, alg), { code: 'FST_KEYHOLE_KEY_REFUSED', message: reason }) as unknown as Error
  const secret = text.slice(40, 80)
  if (secret.length === 40) t.notOk(inspect(error, { depth: null }).includes(secret), 'nothing of the key is told')
}

t.test('PEM in each form, and a JWK → the same key', async t => {
  for (const [key, alg, forms] of [[ec, 'ES256', ['pkcs8', 'sec1']], [ed, 'EdDSA', ['pkcs8']], [rsa, 'RS256', ['pkcs8', 'pkcs1']]] as const) {
    const fromJwk = readPrivateKey(jwkOf(key))
    t.equal(fromJwk.alg, alg)
    for (const form of forms) t.strictSame(readPrivateKey(pemOf(key, form)), fromJwk, form)
    t.ok(createPrivateKey({ key: { ...fromJwk.privateJwk }, format: 'jwk' }).equals(key))
    t.notOk(Object.hasOwn(fromJwk.publicJwk, 'd'))
  }
})

t.test('kid and alg → those of the JWK, else the thumbprint and what is asked for', async t => {
  t.match(readPrivateKey('\n' + jwkOf(rsa, { kid: 'mine', alg: 'PS256', use: 'sig', key_ops: ['sign'] })), { kid: 'mine', alg: 'PS256' })
  t.match(readPrivateKey(jwkOf(rsa), 'PS256'), { kid: /^[\w-]{43}$/, alg: 'PS256' })
  t.match(readPrivateKey(pemOf(rsa), 'PS256'), { alg: 'PS256' })
  t.match(readPrivateKey(jwkOf(rsa, { alg: 'PS256' }), 'PS256'), { alg: 'PS256' })
  refused(t, jwkOf(rsa, { alg: 'PS256' }), /its alg is another than the one asked for/, 'RS256')
  refused(t, jwkOf(ec), /its alg does not fit/, 'RS256')
  for (const kid of ['', 5, null, 'x'.repeat(256), 'a\nb', 'a b', 'é']) refused(t, jwkOf(ec, { kid }), /its kid is not 1 to 255 printable ASCII/)
})

t.test('A11, A12 weak keys and keys of other types → refused', async t => {
  refused(t, pemOf(generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey), /RSA of 1024 bits; it takes 2048 or more/)
  refused(t, pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey), /keys of type EC P-384 are not taken/)
  refused(t, pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).privateKey), /keys of type EC secp256k1 are not taken/)
  refused(t, pemOf(generateKeyPairSync('ec', { namedCurve: 'brainpoolP256r1' }).privateKey), /keys of type ec are not taken/)
  refused(t, pemOf(generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 }).privateKey), /keys of type dsa are not taken/)
  for (const type of ['x25519', 'ed448'] as const) refused(t, pemOf(generateKeyPairSync(type as 'x25519').privateKey), /keys of type OKP \w+ are not taken/)
})

t.test('A24 a private part that is another key\'s → refused', async t => {
  const { d } = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })
  refused(t, jwkOf(ec, { d }), /belong together|can be read/)
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }) as JWK
  refused(t, jwkOf(rsa, { d: other.d, p: other['p'], q: other['q'], dp: other['dp'], dq: other['dq'], qi: other['qi'] }), /belong together|can be read/)
  refused(t, jwkOf(rsa, { n: other.n }), /belong together|can be read/)
  refused(t, jwkOf(rsa, { p: 'AA' }), /belong together/)
})

t.test('what is no private key to sign with → refused', async t => {
  refused(t, jwkOf(ec, { use: 'enc' }), /its use is not "sig"/)
  refused(t, jwkOf(ec, { key_ops: ['verify'] }), /its key_ops lack "sign"/)
  refused(t, jwkOf(ec, { key_ops: 'sign' }), /its key_ops lack "sign"/)
  refused(t, jwkOf(ec, { d: undefined }), /no private key, since it has no member d/)
  refused(t, jwkOf(ec, { d: 'AA' }), /can be read|belong together/)
  refused(t, jwkOf(rsa, { p: undefined }), /no JWK of a private key that can be read/)
  refused(t, jwkOf(ec).slice(0, -1), /it is not JSON/)
  refused(t, '{}', /has no member d/)
  for (const text of ['', 'secret', ec.export({ format: 'pem', type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'x' }) as string]) {
    refused(t, text, /neither a JWK nor PEM of a private key without passphrase/)
  }
  refused(t, generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'pem', type: 'spki' }) as string, /neither a JWK nor PEM/)
})
