import { MAX_LIFETIME } from '../access-token/profile.js'
import { OptionInvalidError } from '../errors.js'
import { SCOPE_TOKEN } from '../policy/document.js'
import type { PolicySnapshot } from '../policy/snapshot.js'
import type { TrustedIssuer } from './delegated-subject.js'

/** The options that name scopes of the policy, after checking. */
interface ScopeOptions {
  readonly trustedIssuers: readonly Pick<TrustedIssuer, 'scopes'>[]
  readonly resourceScopes: ReadonlyMap<string, readonly string[]>
  readonly scopeLifetimes: ReadonlyMap<string, number>
}

/** @throws {FST_KEYHOLE_OPTION_INVALID} naming the audience and what to write. */
export function checkedResourceScopes (given: unknown = {}): ReadonlyMap<string, readonly string[]> {
  if (typeof given !== 'object' || given === null) throw new OptionInvalidError("resourceScopes: write an object, { 'https://billing.example.com': ['invoices'] }.")
  const entries: [string, unknown][] = Object.entries(given)
  return new Map(entries.map(([audience, scopes]): [string, readonly string[]] => {
    if (!isScopeList(scopes)) throw new OptionInvalidError(`resourceScopes['${audience}']: write a list of the scopes that mean something there.`)
    return [audience, scopes]
  }))
}

/** @throws {FST_KEYHOLE_OPTION_INVALID} naming the scope and what to write. */
export function checkedScopeLifetimes (given: unknown = {}): ReadonlyMap<string, number> {
  if (typeof given !== 'object' || given === null) throw new OptionInvalidError('scopeLifetimes: write an object of scopes and seconds, { banking: 60 }.')
  const entries: [string, unknown][] = Object.entries(given)
  return new Map(entries.map(([scope, seconds]): [string, number] => {
    if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || seconds < 1 || seconds > MAX_LIFETIME) {
      throw new OptionInvalidError(`scopeLifetimes['${scope}']: write a whole number of seconds from 1 to ${MAX_LIFETIME}.`)
    }
    return [scope, seconds]
  }))
}

export function isScopeList (scopes: unknown): scopes is readonly string[] {
  return Array.isArray(scopes) && scopes.every(scope => typeof scope === 'string' && SCOPE_TOKEN.test(scope))
}

/**
 * Takes only scopes that the policy has: a misspelt one would bound nothing, or grant nothing.
 * @throws {FST_KEYHOLE_OPTION_INVALID} listing each option with the scopes that it should not name.
 */
export function requireKnownScopes (options: ScopeOptions, policy: PolicySnapshot): void {
  const unknown = unknownScopes(options, policy)
  if (unknown.length === 0) return
  const faults = unknown.map(({ option, scopes }) => `${option}: the policy has no scope ${scopes.join(', ')}.`)
  throw new OptionInvalidError([...faults, `It has ${Object.keys(policy.document.scopes).join(', ')}.`].join('\n'))
}

/** Says which scopes a policy that was put in force no longer has: they stop only the boot. */
export function logUnknownScopes (log: { warn (details: object, message: string): void }, options: ScopeOptions, policy: PolicySnapshot): void {
  for (const { option, scopes } of unknownScopes(options, policy)) {
    log.warn({ policy: policy.version, option, scopes }, 'the policy no longer has scopes that an option of the token endpoint names; they are granted to nobody')
  }
}

function unknownScopes ({ trustedIssuers, resourceScopes, scopeLifetimes }: ScopeOptions, { document }: PolicySnapshot): { readonly option: string, readonly scopes: readonly string[] }[] {
  const named: (readonly [option: string, scopes: readonly string[]])[] = [
    ...trustedIssuers.map(({ scopes = [] }, index) => [`trustedIssuers[${index}].scopes`, scopes] as const),
    ...[...resourceScopes].map(([audience, scopes]) => [`resourceScopes['${audience}']`, scopes] as const),
    ['scopeLifetimes', [...scopeLifetimes.keys()]]
  ]
  return named
    .map(([option, scopes]) => ({ option, scopes: scopes.filter(scope => !Object.hasOwn(document.scopes, scope)) }))
    .filter(({ scopes }) => scopes.length > 0)
}
