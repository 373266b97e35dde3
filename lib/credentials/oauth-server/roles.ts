import type { JsonObject } from '../../access-token/compact.js'
import { claimAt, textsOf, type ScopeMap } from '../../issuers/access-token-claims.js'
import type { ClaimPath } from '../../issuers/token-profile.js'

/** How the claims of an access token become roles; a role that the policy does not know is dropped at the token endpoint. */
export type RolesOption = RolesByClaim | ((claims: JsonObject) => readonly string[])

/** Roles from one claim. */
export interface RolesByClaim {
  /** The claim's name, or the names that lead to it: `['realm_access', 'roles']`. A text is split at spaces. */
  readonly claim?: ClaimPath
  /** What the issuer calls a role, and which roles of the policy that is; what is not named is none. Default: by their own names. */
  readonly names?: ScopeMap
}

/** @param refuse says what to write instead */
export function checkRoles (roles: unknown, refuse: (cure: string) => never): void {
  if (typeof roles === 'function') return
  const isKnown = typeof roles === 'object' && roles !== null && Object.keys(roles).every(name => ['claim', 'names'].includes(name))
  if (!isKnown) refuse("roles: write { claim: 'roles', names: { 'Customers.Read': 'salesperson' } }, either or both, or a function (claims) => ['salesperson'].")
  const { claim = ' ', names = {} }: { readonly claim?: unknown, readonly names?: unknown } = roles
  if (!isPath(claim)) refuse("roles.claim: write the claim's name, or the names that lead to it: ['realm_access', 'roles'].")
  if (typeof names !== 'object' || names === null || !Object.values(names).every(isPath)) refuse("roles.names: write what the issuer calls a role, and which roles of the policy that is: { 'Customers.Read': 'salesperson' }.")
}

/**
 * The roles that an access token gives a client.
 * @param usual where they stand when the option does not say
 * @throws {TypeError} when the application's function answers with something else.
 */
export function rolesOf (claims: JsonObject, option: RolesOption, usual: ClaimPath): readonly string[] {
  if (typeof option === 'function') {
    const roles: unknown = option(claims)
    if (!Array.isArray(roles) || !roles.every(role => typeof role === 'string')) throw new TypeError('roles answered with something else than a list of texts')
    return roles
  }
  const { claim = usual, names } = option
  const values = textsOf(claimAt(claims, claim)).filter(value => value !== '')
  return names === undefined ? values : values.flatMap(value => Object.hasOwn(names, value) ? names[value]! : [])
}

function isPath (value: unknown): value is ClaimPath {
  return (typeof value === 'string' && value !== '') || (Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string' && item !== ''))
}
