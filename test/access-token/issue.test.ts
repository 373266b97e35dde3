import t from 'tap'
import { jwtVerify, decodeProtectedHeader } from 'jose'
import { createTokenIssuer, type TokenRequest } from '../../lib/access-token/issue.js'
import { AUDIENCE, ISSUER, keyPair, keysOf, NOW, verifierOf } from './forge.js'
import type { Algorithm } from '../../lib/keys/key-source.js'

const request: TokenRequest = { subject: 'crm', clientId: 'crm', audience: AUDIENCE, scopes: ['profile', 'address'], roles: ['manager'], lifetime: 300 }

t.test('C1, C2 a token → header and claims of RFC 9068, nothing else', async t => {
  const key = keyPair('k1')
  const issuer = createTokenIssuer({ issuer: ISSUER, signingKey: () => key, now: () => NOW + 0.9 })
  const { token, claims } = await issuer.issue(request)
  t.strictSame(decodeProtectedHeader(token), { alg: 'ES256', typ: 'at+jwt', kid: 'k1' })
  t.strictSame(JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()), claims)
  const { jti, ...others } = claims
  t.strictSame(others, {
    iss: ISSUER, sub: 'crm', aud: AUDIENCE, client_id: 'crm', iat: NOW, exp: NOW + 300, scope: 'profile address', roles: ['manager']
  })
  t.equal(Buffer.from(jti, 'base64url').length, 16, '128 bits')
})

for (const alg of ['ES256', 'EdDSA', 'RS256', 'PS256'] satisfies Algorithm[]) {
  t.test(`a token signed with ${alg} → verified by jose and by our verifier`, async t => {
    const key = keyPair('k1', alg)
    const { token, claims } = await createTokenIssuer({ issuer: ISSUER, signingKey: () => key }).issue(request)
    const { payload, protectedHeader } = await jwtVerify(token, key.publicKey, { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', algorithms: [alg] })
    t.strictSame(payload, claims)
    t.equal(protectedHeader.kid, 'k1')
    const verified = await verifierOf(keysOf(key), { now: () => Date.now() / 1000 }).verify(token)
    t.strictSame(verified.claims, claims)
    t.strictSame(verified.scopes, ['profile', 'address'])
  })
}

t.test('no scopes, no roles, several audiences → no scope claim, no roles claim, aud as given', async t => {
  const key = keyPair('k1')
  const { roles, ...without } = request
  const { claims } = await createTokenIssuer({ issuer: ISSUER, signingKey: () => key }).issue({ ...without, scopes: [], audience: ['https://a', 'https://b'] })
  t.notOk(Object.hasOwn(claims, 'scope'))
  t.notOk(Object.hasOwn(claims, 'roles'))
  t.strictSame(claims.aud, ['https://a', 'https://b'])
})

t.test('a request that took some seconds → a token that says when it began, and lives as long as any, but for the longest life that there is', async t => {
  const key = keyPair('k1')
  const { issue } = createTokenIssuer({ issuer: ISSUER, signingKey: () => key, now: () => NOW + 3.5 })
  for (const [lifetime, lives] of [[300, 300], [1, 1], [86_400, 86_397]] as const) {
    const { claims, expiresIn } = await issue({ ...request, lifetime, issuedAt: NOW + 0.9 })
    t.match(claims, { iat: NOW, exp: NOW + 3 + lives })
    t.equal(expiresIn, lives)
  }
})

t.test('the signing key changes → the next token is signed by the new one', async t => {
  const [old, next] = [keyPair('old'), keyPair('next', 'EdDSA')]
  let current = old
  const issuer = createTokenIssuer({ issuer: ISSUER, signingKey: () => current, now: () => NOW })
  const verifier = verifierOf(keysOf(old, next))
  const before = await issuer.issue(request)
  current = next
  const after = await issuer.issue(request)
  t.equal(decodeProtectedHeader(before.token).kid, 'old')
  t.strictSame(decodeProtectedHeader(after.token), { alg: 'EdDSA', typ: 'at+jwt', kid: 'next' })
  for (const { token, claims } of [before, after]) t.strictSame((await verifier.verify(token)).claims, claims)
})

t.test('1,000 tokens at once → 1,000 jti', async t => {
  const key = keyPair('k1')
  const issuer = createTokenIssuer({ issuer: ISSUER, signingKey: () => key })
  const issued = await Promise.all(Array.from({ length: 1000 }, () => issuer.issue(request)))
  t.equal(new Set(issued.map(({ claims }) => claims.jti)).size, 1000)
})

t.test('a lifetime that no verifier takes → nothing is signed', async t => {
  const issuer = createTokenIssuer({ issuer: ISSUER, signingKey: () => { throw new Error('asked for the key') } })
  for (const lifetime of [0, -1, 0.5, NaN, Infinity, 86_401]) {
    await t.rejects(issuer.issue({ ...request, lifetime }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^lifetime: .*1 to 86400/ }, String(lifetime))
  }
})

t.test('the longest lifetime → taken by the verifier', async t => {
  const key = keyPair('k1')
  const { token } = await createTokenIssuer({ issuer: ISSUER, signingKey: () => key, now: () => NOW }).issue({ ...request, lifetime: 86_400 })
  t.equal((await verifierOf(keysOf(key)).verify(token)).claims.exp, NOW + 86_400)
})
