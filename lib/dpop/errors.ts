/** Why a proof does not hold, and what its sender is told: fixed texts in the characters that RFC 6750 3 allows. */
const DESCRIPTIONS = {
  missing: 'A DPoP proof is required.',
  malformed: 'The DPoP proof is not one JWT of 8192 characters at most with a public key in its header.',
  type: 'The typ of the DPoP proof is not dpop+jwt.',
  algorithm: 'The DPoP proof is signed with an algorithm that is not supported.',
  signature: 'The signature of the DPoP proof does not verify.',
  claims: 'A claim of the DPoP proof is missing or malformed.',
  method: 'The htm of the DPoP proof is not the method of the request.',
  target: 'The htu of the DPoP proof is not the URL of the request.',
  time: 'The DPoP proof is too old, or from the future.',
  token: 'The ath of the DPoP proof is not the hash of the access token.',
  nonce: 'The DPoP proof takes the nonce of the header DPoP-Nonce.',
  replayed: 'The DPoP proof was used before.'
} as const

type InvalidProofReason = keyof typeof DESCRIPTIONS

/**
 * A proof of possession is missing or does not hold. Neither the description nor the cause holds anything of it.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-12.2 RFC 9449, 12.2}
 */
export class InvalidProofError extends Error {
  override readonly name = 'InvalidProofError'
  /** For code and logs. */
  readonly reason: InvalidProofReason
  /** The error code that goes out. */
  readonly code: 'invalid_dpop_proof' | 'use_dpop_nonce'
  /** May go out as `error_description`. */
  readonly description: string

  constructor (reason: InvalidProofReason) {
    super(DESCRIPTIONS[reason])
    this.reason = reason
    this.code = reason === 'nonce' ? 'use_dpop_nonce' : 'invalid_dpop_proof'
    this.description = DESCRIPTIONS[reason]
  }
}
