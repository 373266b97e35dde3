import { SCOPE_TOKEN } from '../policy/document.js'
import type { PolicySnapshot } from '../policy/snapshot.js'
import { OAuthError } from './errors.js'

/**
 * Divides a scope parameter into its tokens, each once.
 * @throws {OAuthError} invalid_scope for other characters, and for a space too many.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 RFC 6749, 3.3}
 */
export function parseScope (scope: string): ReadonlySet<string> {
  const tokens = scope.split(' ')
  if (!tokens.every(token => SCOPE_TOKEN.test(token))) {
    throw new OAuthError('invalid_scope', 'scope is not a list of scope tokens with single spaces between them')
  }
  return new Set(tokens)
}

/**
 * The scopes to grant, in the order of those held: those asked for, or, when none are, those held that write nothing.
 * Nothing is narrowed: who asks for too much gets nothing.
 * @param held what may be granted at most
 * @throws {OAuthError} invalid_scope when one is not held, known or not, or when nothing is left to grant.
 */
export function grantScopes (requested: string | undefined, held: readonly string[], policy: PolicySnapshot): string[] {
  if (requested === undefined) {
    const granted = held.filter(policy.grantedByDefault)
    if (granted.length === 0) throw new OAuthError('invalid_scope', 'this client gets no scope without asking for it')
    return granted
  }
  const asked = parseScope(requested)
  const granted = held.filter(scope => asked.has(scope))
  if (granted.length < asked.size) throw new OAuthError('invalid_scope', 'a requested scope is not held by this client')
  return granted
}
