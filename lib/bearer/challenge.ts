/** What a protected resource says of a request that it refuses, RFC 6750 3.1. */
export interface Challenge {
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope'
  readonly description?: string
  /** The scopes that would do. */
  readonly scopes?: readonly string[]
}

/**
 * The value of `WWW-Authenticate`. A character that an attribute may not hold is left out.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750, 3}
 */
export function bearerChallenge ({ error, description, scopes }: Challenge = {}): string {
  const attributes = [
    ...error === undefined ? [] : [`error="${error}"`],
    ...description === undefined ? [] : [`error_description="${quotable(description)}"`],
    ...scopes === undefined || scopes.length === 0 ? [] : [`scope="${quotable(scopes.join(' '))}"`]
  ]
  return attributes.length === 0 ? 'Bearer' : `Bearer ${attributes.join(', ')}`
}

function quotable (text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '')
}
