import { InvalidTokenError } from './errors.js'

/** Most distinct scopes that a token may carry. */
const MAX_SCOPES = 256

/** Characters of a scope token, RFC 6749 3.3: printable ASCII but space, `"` and `\`. */
const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/

/**
 * The scope tokens of a `scope` claim, each once, in their order; what breaks the grammar grants nothing.
 * @throws {InvalidTokenError} scopes: more than 256 distinct ones.
 */
export function scopeTokens (scope: string): readonly string[] {
  const tokens = new Set(scope.split(' ').filter(isScopeToken))
  if (tokens.size > MAX_SCOPES) throw new InvalidTokenError('scopes')
  return Object.freeze([...tokens])
}

/** Whether this is one scope token, RFC 6749 3.3. */
export function isScopeToken (text: string): boolean {
  return SCOPE_TOKEN.test(text)
}
