/** Why an access token does not hold, and what its sender is told: fixed texts in the characters that RFC 6750 3 allows. */
const DESCRIPTIONS = {
  size: 'The access token is too large.',
  malformed: 'The access token is malformed.',
  type: 'The token is not an access token.',
  critical: 'The access token demands header parameters that are not supported.',
  key: 'The access token is signed by a key that is not known.',
  algorithm: 'The access token is signed with an algorithm that is not the one of its key.',
  signature: 'The signature of the access token does not verify.',
  claims: 'A claim of the access token is missing or malformed.',
  issuer: 'The access token is from another issuer.',
  audience: 'The access token is for another audience.',
  lifetime: 'The access token lives longer than is accepted.',
  expired: 'The access token expired.',
  early: 'The access token is not valid yet.',
  revoked: 'The access token was revoked.',
  confirmation: 'The access token is bound in a way that is not supported.',
  bound: 'The access token is bound to a key: send it with the scheme DPoP and a proof.',
  unbound: 'The access token is not bound to a key.',
  possession: 'The DPoP proof is not made with the key that the access token is bound to.',
  scopes: 'The access token has too many scopes.'
} as const

export type InvalidTokenReason = keyof typeof DESCRIPTIONS

/**
 * The access token does not hold. It is the sender's fault: 401 `invalid_token`.
 * Neither the description nor the cause holds anything of the token.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-3.1 RFC 6750, 3.1}
 */
export class InvalidTokenError extends Error {
  override readonly name = 'InvalidTokenError'
  /** For code and logs. */
  readonly reason: InvalidTokenReason
  /** May go out as `error_description`. */
  readonly description: string

  constructor (reason: InvalidTokenReason, options?: ErrorOptions) {
    super(DESCRIPTIONS[reason], options)
    this.reason = reason
    this.description = DESCRIPTIONS[reason]
  }
}
