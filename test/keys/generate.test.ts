import { calculateJwkThumbprint, type JWK } from 'jose'
import t from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'

t.test('a generated key → P-256, ES256, made now, kid as jose computes the thumbprint', async t => {
  const before = Math.floor(Date.now() / 1000)
  const { kid, alg, privateJwk, createdAt } = generateSigningKey()
  t.equal(alg, 'ES256')
  t.match(privateJwk, { kty: 'EC', crv: 'P-256', d: /^[\w-]{43}$/ })
  t.equal(kid, await calculateJwkThumbprint(privateJwk as JWK))
  t.ok(Number.isInteger(createdAt) && createdAt >= before && createdAt <= Date.now() / 1000)
})

t.test('two keys → differ', async t => {
  t.not(generateSigningKey().kid, generateSigningKey().kid)
})
