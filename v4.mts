import { createTokenCache } from '/tmp/sp/lib/access-token/cache.js'
import { requireAccessTokenHeader, requireClaims } from '/tmp/sp/lib/access-token/profile.js'
import { readCompactJws, readJsonObject, own } from '/tmp/sp/lib/access-token/compact.js'
import { scopeTokens } from '/tmp/sp/lib/access-token/scope.js'
const b = (o: object) => Buffer.from(JSON.stringify(o)).toString('base64url')
const N = 20000, now = Date.now() / 1000
const tokens = Array.from({ length: N }, (_, i) => b({ alg: 'ES256', typ: 'at+jwt', kid: 'k1' }) + '.' + b({ iss: 'https://auth.example.com', sub: 'crm', aud: 'https://api.example.com', client_id: 'crm', iat: Math.floor(now), exp: Math.floor(now) + 3600, jti: 'abcdefghijklmnop' + i, scope: 'profile address banking contact', roles: ['admin'] }) + '.' + Buffer.from(Array.from({ length: 64 }, () => Math.random() * 256)).toString('base64url'))
const jws = tokens.map(readCompactJws)
const claims = jws.map(j => readJsonObject(j.payload))
const profile = { issuer: 'https://auth.example.com', audience: 'https://api.example.com', clockTolerance: 5 }
function verifiedToken (claims: any) {
  const scopes = scopeTokens(claims.scope ?? '')
  let derived: unknown
  return Object.freeze({ claims, scopes, get derived () { return derived }, set derived (value) { derived = value } })
}
function time (name: string, f: (i: number) => unknown) { const t = process.cpuUsage(); for (let i = 0; i < N; i++) f(i); const u = process.cpuUsage(t); console.log(name, ((u.user + u.system) / N).toFixed(2)) }
for (let r = 0; r < 4; r++) {
  time('compact', i => readCompactJws(tokens[i]!))
  time('header', i => requireAccessTokenHeader(jws[i]!.header))
  time('payload', i => readJsonObject(jws[i]!.payload))
  time('claims', i => requireClaims(claims[i]!, profile, now))
  time('scopes', i => scopeTokens(claims[i]!.scope as string))
  time('verifiedToken', i => verifiedToken(claims[i]!))
  const c = createTokenCache(10000)
  time('cache', i => { c.get(tokens[i]!); c.add({ token: tokens[i]!, key: 1 as any, verified: 1 as any }) })
}
