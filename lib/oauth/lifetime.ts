import type { Principal } from '../credentials/provider.js'
import { OAuthError } from './errors.js'
import type { Authorization } from './grants/grant.js'

/** How long tokens live at most, in seconds. */
export interface Lifetimes {
  readonly longest: number
  /** Of a token that holds the scope. */
  readonly ofScopes: ReadonlyMap<string, number>
}

/**
 * How long a token lives, in seconds: the shortest of what the endpoint, the client, each of its scopes and what was
 * presented for it allow.
 * @throws {OAuthError} invalid_grant when what was presented has no second left.
 */
export function lifetimeOf ({ tokenLifetime = Infinity }: Principal, { expiresAt = Infinity }: Authorization, scopes: readonly string[], { longest, ofScopes }: Lifetimes): number {
  const left = Math.floor(expiresAt - Date.now() / 1000)
  const lifetime = Math.min(tokenLifetime, longest, left, ...scopes.map(scope => ofScopes.get(scope) ?? Infinity))
  if (lifetime < 1) throw new OAuthError('invalid_grant', 'what was presented has expired')
  return lifetime
}
