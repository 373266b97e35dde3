import { calculateJwkThumbprint, type JWK } from 'jose'
import t from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'

t.test('a generated key → P-256 and ES256, kid as jose computes the thumbprint', async t => {
  const { kid, alg, publicJwk, privateJwk } = generateSigningKey()
  t.equal(alg, 'ES256')
  t.match(privateJwk, { kty: 'EC', crv: 'P-256', d: /^[\w-]{43}$/ })
  const { d, ...rest } = privateJwk
  t.strictSame(publicJwk, rest)
  t.equal(kid, await calculateJwkThumbprint(publicJwk as JWK))
})

t.test('for another algorithm → a key of its type; RSA of 3,072 bits', async t => {
  for (const [alg, members] of [['EdDSA', { kty: 'OKP', crv: 'Ed25519' }], ['RS256', { kty: 'RSA', e: 'AQAB' }], ['PS256', { kty: 'RSA' }]] as const) {
    const key = generateSigningKey(alg)
    t.match(key, { alg, publicJwk: members })
    t.equal(key.kid, await calculateJwkThumbprint(key.publicJwk as JWK), alg)
    if (key.publicJwk.n !== undefined) t.equal(Buffer.from(key.publicJwk.n, 'base64url').length * 8, 3072)
  }
})

t.test('two keys → differ', async t => {
  t.not(generateSigningKey().kid, generateSigningKey().kid)
})
