import { generateKeyPairSync, verify } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { createTokenIssuer } from '/tmp/sp/lib/access-token/issue.js'
import { signatureCheckOf } from '/tmp/sp/lib/access-token/jwt.js'
import { readCompactJws, readJsonObject } from '/tmp/sp/lib/access-token/compact.js'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = { kid: 'k1', alg: 'ES256', privateKey, publicKey } as any
const issuer = createTokenIssuer({ issuer: 'https://auth.example.com', signingKey: () => key })
const N = 20000
const tokens: string[] = []
for (let i = 0; i < N; i++) tokens.push((await issuer.issue({ subject: 'crm', clientId: 'crm', audience: 'https://api.example.com', scopes: ['profile','address','banking','contact'], roles: ['admin'], lifetime: 3600 })).token)
const check = await signatureCheckOf({ kid: 'k1', alg: 'ES256', publicKey } as any)
const pem = publicKey.export({ format: 'pem', type: 'spki' }) as string
const theirs = createVerifier({ key: pem, algorithms: ['ES256'], allowedIss: 'https://auth.example.com', allowedAud: 'https://api.example.com' })
const raw = (t: string) => { const i = t.lastIndexOf('.'); if (!verify('sha256', Buffer.from(t.slice(0, i)), { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(t.slice(i + 1), 'base64url'))) throw 1 }
function time (name: string, f: (t: string) => unknown) { const t = process.cpuUsage(); for (const x of tokens) f(x); const u = process.cpuUsage(t); console.log(name, ((u.user + u.system) / N).toFixed(1)) }
for (let r = 0; r < 3; r++) {
  time('fast-jwt pem', theirs)
  time('@fastify/jwt', check)
  time('raw crypto', raw)
  time('compact', readCompactJws)
  time('payload', t => readJsonObject(t.split('.')[1]!))
}
