import { createPolicy, type JWKSet } from 'fastify-keyhole'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Role } from './workloads.js'

export const ISSUER = 'https://auth.example.com'
export const AUDIENCE = 'https://api.example.com'

export const POLICY = createPolicy({
  claimSets: { profile_claims: {}, contact_claims: {}, address_claims: {}, banking_claims: {} },
  scopes: {
    contact: { reads: ['contact_claims'] },
    profile: { reads: ['profile_claims'] },
    address: { reads: ['address_claims'] },
    banking: { reads: ['banking_claims'] }
  },
  roles: { salesperson: ['profile'], admin: ['contact', 'profile', 'address', 'banking'] }
})

/** What a guard needs to know of the issuer, and a token for each role. */
export interface Issued {
  readonly jwks: JWKSet
  readonly tokens: Readonly<Record<Role, string>>
}

/** An issuer of its own for a run: nothing of the package has a hand in it. */
export async function issue (): Promise<Issued> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const token = async (role: Role) => await new SignJWT({ client_id: role, scope: POLICY.current.document.roles[role]!.join(' '), roles: [role] })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'bench' })
    .setIssuer(ISSUER).setAudience(AUDIENCE).setSubject(role).setJti(`bench-${role}`).setIssuedAt().setExpirationTime('12h')
    .sign(privateKey)
  return {
    jwks: { keys: [{ ...await exportJWK(publicKey), kid: 'bench', alg: 'ES256', use: 'sig' } as JWKSet['keys'][number]] },
    tokens: { salesperson: await token('salesperson'), admin: await token('admin') }
  }
}
