import { generateKeyPairSync } from 'node:crypto'
import { createTokenIssuer } from '/tmp/sp/lib/access-token/issue.js'
import { createTokenVerifier } from '/tmp/sp/lib/access-token/verify.js'
import { signatureCheckOf } from '/tmp/sp/lib/access-token/jwt.js'
import { requireSignature } from '/tmp/sp/lib/access-token/signature.js'
import { createTokenCache } from '/tmp/sp/lib/access-token/cache.js'
import { requireAccessTokenHeader, requireClaims } from '/tmp/sp/lib/access-token/profile.js'
import { scopeTokens } from '/tmp/sp/lib/access-token/scope.js'
import { readCompactJws, readJsonObject, own } from '/tmp/sp/lib/access-token/compact.js'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = { kid: 'k1', alg: 'ES256', privateKey, publicKey } as any
const issuer = createTokenIssuer({ issuer: 'https://auth.example.com', signingKey: () => key })
const N = 20000
const make = async () => { const tokens: string[] = []; for (let i = 0; i < N; i++) tokens.push((await issuer.issue({ subject: 'crm', clientId: 'crm', audience: 'https://api.example.com', scopes: ['profile','address','banking','contact'], roles: ['admin'], lifetime: 3600 })).token); return tokens }
const vk = { kid: 'k1', alg: 'ES256', publicKey } as any
const keys = { find: (kid: any) => kid === 'k1' ? vk : undefined, refresh: async () => {} } as any
const check = await signatureCheckOf(vk)
function time (name: string, tokens: string[], f: (t: string) => unknown) { const t = process.cpuUsage(), h = process.hrtime.bigint(); for (const x of tokens) f(x); const e = Number(process.hrtime.bigint() - h) / 1000; const u = process.cpuUsage(t); console.log(name.padEnd(20), ((u.user + u.system) / N).toFixed(1), (e / N).toFixed(1)) }
for (let r = 0; r < 3; r++) {
  const tokens = (await make()).map(t => Buffer.from(t).toString('latin1'))
  time('check', tokens, check)
  time('compact+check', tokens, t => { readCompactJws(t); check(t) })
  time('requireSignature', tokens, t => { requireSignature(readCompactJws(t), keys) })
  time('+payload', tokens, t => { const j = readCompactJws(t); requireSignature(j, keys); readJsonObject(j.payload) })
  const P = { issuer: 'https://auth.example.com', audience: 'https://api.example.com', clockTolerance: 5 }
  time('+claims', tokens, t => { const j = readCompactJws(t); requireSignature(j, keys); requireClaims(readJsonObject(j.payload), P, Date.now() / 1000) })
  time('+scopes', tokens, t => { const j = readCompactJws(t); requireSignature(j, keys); const c = requireClaims(readJsonObject(j.payload), P, Date.now() / 1000); scopeTokens(c.scope!) })
  const cache = createTokenCache(10000)
  time('+cache', tokens, t => { const j = readCompactJws(t); requireSignature(j, keys); const c = requireClaims(readJsonObject(j.payload), P, Date.now() / 1000); cache.add({ token: t, key: vk, verified: { claims: c, scopes: scopeTokens(c.scope!), derived: undefined } }) })
  const fresh = createTokenVerifier({ issuer: 'https://auth.example.com', audience: 'https://api.example.com', keys })
  time('verify', tokens, t => fresh.verify(t))
}
