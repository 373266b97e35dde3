import { generateKeyPairSync } from 'node:crypto'
import { createTokenIssuer } from '/tmp/sp/lib/access-token/issue.js'
import { createTokenVerifier } from '/tmp/sp/lib/access-token/verify.js'
import { signatureCheckOf } from '/tmp/sp/lib/access-token/jwt.js'
import { createTokenCache } from '/tmp/sp/lib/access-token/cache.js'
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = { kid: 'k1', alg: 'ES256', privateKey, publicKey } as any
const issuer = createTokenIssuer({ issuer: 'https://auth.example.com', signingKey: () => key })
const N = 20000
const make = async () => { const tokens: string[] = []; for (let i = 0; i < N; i++) tokens.push((await issuer.issue({ subject: 'crm', clientId: 'crm', audience: 'https://api.example.com', scopes: ['profile','address','banking','contact'], roles: ['admin'], lifetime: 3600 })).token); return tokens }
const vk = { kid: 'k1', alg: 'ES256', publicKey } as any
const keys = { find: (kid: any) => kid === 'k1' ? vk : undefined, refresh: async () => {} } as any
const check = await signatureCheckOf(vk)
for (let r = 0; r < 4; r++) {
  const tokens = (await make()).map(t => Buffer.from(t).toString('latin1'))
  let t = process.cpuUsage(); for (const x of tokens) check(x); let u = process.cpuUsage(t); console.log('check', ((u.user + u.system) / N).toFixed(1))
  const fresh = createTokenVerifier({ issuer: 'https://auth.example.com', audience: 'https://api.example.com', keys, cacheSize: r % 2 ? 1 : 10000 })
  t = process.cpuUsage(); for (const x of tokens) { const v = fresh.verify(x); if (v instanceof Promise) await v } u = process.cpuUsage(t); console.log('ours', r % 2 ? 'cache 1' : 'cache 10000', ((u.user + u.system) / N).toFixed(1))
}
