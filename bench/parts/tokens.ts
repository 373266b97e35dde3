import { createTokenVerifier } from '../../lib/access-token/verify.js'
import { presentedToken } from '../../lib/bearer/presented-token.js'
import { keySet } from '../../lib/keys/key-set.js'
import { AUDIENCE, ISSUER, type Issued } from '../issuer.js'

export async function tokenParts ({ jwks, tokens: { salesperson, admin } }: Issued): Promise<Record<string, () => unknown>> {
  const options = { issuer: ISSUER, audience: AUDIENCE, keys: keySet(jwks) }
  const cached = createTokenVerifier(options)
  await cached.verify(admin)
  // Room for one, asked for two in turn.
  const uncached = createTokenVerifier({ ...options, cacheSize: 1 })
  await uncached.verify(admin)
  const header = `Bearer ${admin}`
  return {
    'header read': () => presentedToken(header),
    'token verified, cached': () => cached.verify(admin),
    'two tokens verified, not cached': () => { uncached.verify(salesperson); uncached.verify(admin) }
  }
}
