import { createPolicy, type JWKSet, type Policy } from 'fastify-keyhole'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { ROLES, type Role } from './workloads.js'

export const ISSUER = 'https://auth.example.com'
export const AUDIENCE = 'https://api.example.com'

/** @param size how many more claim sets, scopes and roles there are than those that are used */
export function policyOf (size = 0): Policy {
  const more = <Value>(make: (name: string) => Value) => Object.fromEntries(Array.from({ length: size }, (_, number) => [`more_${number}`, make(`more_${number}`)]))
  return createPolicy({
    claimSets: { profile_claims: {}, contact_claims: {}, address_claims: {}, banking_claims: {}, support_claims: {}, ...more(() => ({})) },
    scopes: {
      contact: { reads: ['contact_claims'] },
      profile: { reads: ['profile_claims'] },
      address: { reads: ['address_claims'] },
      banking: { reads: ['banking_claims'] },
      ...more(name => ({ reads: [name] }))
    },
    roles: { ...Object.fromEntries(Object.entries(ROLES).map(([role, scopes]) => [role, [...scopes]])), ...more(name => [name]) }
  })
}

export const POLICY = policyOf()

/** A token, and whose it is. */
export interface RoleToken { readonly token: string, readonly role: Role }

/** What a guard needs to know of the issuer, and tokens. */
export interface Issued {
  readonly jwks: JWKSet
  readonly tokens: Readonly<Record<Role, string>>
  /** A hundred, the roles in turn. */
  readonly mixed: readonly RoleToken[]
  /** Two caches full of them, the roles in turn: whoever takes one after the other meets none that is remembered. */
  readonly fresh: readonly RoleToken[]
}

/**
 * An issuer of its own for a run: nothing of the package has a hand in it.
 * @param fresh how many tokens to make of which each is used once in a while
 */
export async function issue (fresh = 0): Promise<Issued> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const token = async (role: Role, id: string) => await new SignJWT({ client_id: role, scope: ROLES[role].join(' '), roles: [role] })
    .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: 'bench' })
    .setIssuer(ISSUER).setAudience(AUDIENCE).setSubject(role).setJti(id).setIssuedAt().setExpirationTime('12h')
    .sign(privateKey)
  const roles = Object.keys(ROLES) as Role[]
  const inTurn = async (name: string, count: number) => await Promise.all(Array.from({ length: count }, async (_, number) => {
    const role = roles[number % roles.length]!
    return { role, token: await token(role, `${name}-${number}`) }
  }))
  return {
    jwks: { keys: [{ ...await exportJWK(publicKey), kid: 'bench', alg: 'ES256', use: 'sig' } as JWKSet['keys'][number]] },
    tokens: Object.fromEntries(await Promise.all(roles.map(async role => [role, await token(role, `bench-${role}`)]))) as Record<Role, string>,
    mixed: await inTurn('mixed', 100),
    fresh: await inTurn('fresh', fresh)
  }
}
