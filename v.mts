import { generateKeyPairSync } from 'node:crypto'
import { createVerifier } from 'fast-jwt'
import { createTokenIssuer } from '/tmp/sp/lib/access-token/issue.js'
import { createTokenVerifier } from '/tmp/sp/lib/access-token/verify.js'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = { kid: 'k1', alg: 'ES256', privateKey, publicKey } as any
const issuer = createTokenIssuer({ issuer: 'https://auth.example.com', signingKey: () => key })
const N = 20000
const tokens: string[] = []
for (let i = 0; i < N; i++) tokens.push((await issuer.issue({ subject: 'crm', clientId: 'crm', audience: 'https://api.example.com', scopes: ['profile','address','banking','contact'], roles: ['admin'], lifetime: 3600 })).token)
const vk = { kid: 'k1', alg: 'ES256', publicKey } as any
const keys = { find: (kid: any) => kid === 'k1' ? vk : undefined, refresh: async () => {} } as any
const mine = createTokenVerifier({ issuer: 'https://auth.example.com', audience: 'https://api.example.com', keys })
await mine.verify(tokens[0]!)
const theirs = createVerifier({ key: publicKey.export({ format: 'pem', type: 'spki' }) as string, algorithms: ['ES256'], allowedIss: 'https://auth.example.com', allowedAud: 'https://api.example.com' })
for (let r = 0; r < 3; r++) {
  let t = process.cpuUsage(); for (const x of tokens) theirs(x); let u = process.cpuUsage(t); console.log('fast-jwt', ((u.user + u.system) / N).toFixed(1))
  const fresh = createTokenVerifier({ issuer: 'https://auth.example.com', audience: 'https://api.example.com', keys })
  t = process.cpuUsage(); for (const x of tokens) { const v = fresh.verify(x); if (v instanceof Promise) await v } u = process.cpuUsage(t); console.log('ours', ((u.user + u.system) / N).toFixed(1))
}
