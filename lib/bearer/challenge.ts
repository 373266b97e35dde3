/** The schemes by which an access token is sent: RFC 6750 2.1 and RFC 9449 7.1. */
export type Scheme = 'Bearer' | 'DPoP'

/** What a protected resource says of a request that it refuses, RFC 6750 3.1. */
export interface Challenge {
  readonly error?: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | 'invalid_dpop_proof' | 'use_dpop_nonce'
  readonly description?: string
  /** The scopes that would do. */
  readonly scopes?: readonly string[]
  /** Algorithms that proofs may be signed with, RFC 9449 7.1. */
  readonly algorithms?: readonly string[]
  /** The URL of the metadata of this resource, RFC 9728 5.1. */
  readonly resourceMetadata?: string | undefined
}

/**
 * One challenge of `WWW-Authenticate`. A character that an attribute may not hold is left out.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3 RFC 6750, 3}
 */
export function challengeOf (scheme: Scheme, { error, description, scopes = [], algorithms = [], resourceMetadata }: Challenge = {}): string {
  const attributes = [
    ...error === undefined ? [] : [`error="${error}"`],
    ...description === undefined ? [] : [`error_description="${quotable(description)}"`],
    ...scopes.length === 0 ? [] : [`scope="${quotable(scopes.join(' '))}"`],
    ...algorithms.length === 0 ? [] : [`algs="${quotable(algorithms.join(' '))}"`],
    ...resourceMetadata === undefined ? [] : [`resource_metadata="${quotable(resourceMetadata)}"`]
  ]
  return attributes.length === 0 ? scheme : `${scheme} ${attributes.join(', ')}`
}

function quotable (text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5B\x5D-\x7E]/g, '')
}
