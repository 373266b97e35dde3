import type { Principal } from '../credentials/provider.js'
import { InvalidProofError } from '../dpop/errors.js'
import type { VerifyProof } from '../dpop/proof.js'
import { OAuthError } from './errors.js'
import { loggable } from './loggable.js'

/** What the endpoint checks proofs with. */
export interface ProofCheck {
  readonly verifyProof: VerifyProof
  /** The URL of the endpoint, as metadata names it. */
  readonly url: string
}

/**
 * The thumbprint of the key that a token request proves to have; undefined for a request without proof.
 * @throws {OAuthError} invalid_dpop_proof for a proof that does not hold, or none where the client's tokens have to be
 *   bound; use_dpop_nonce; temporarily_unavailable when it cannot be told whether the proof was used before.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-5 RFC 9449, 5}
 */
export async function provenKey ({ verifyProof, url }: ProofCheck, proof: string | undefined, { dpopBound = false }: Principal): Promise<string | undefined> {
  if (proof === undefined && !dpopBound) return undefined
  try {
    return await verifyProof(proof, { method: 'POST', url })
  } catch (error) {
    if (error instanceof InvalidProofError) throw new OAuthError(error.code, error.description, { cause: { reason: error.reason } })
    throw new OAuthError('temporarily_unavailable', 'the proof of possession cannot be checked now', { cause: loggable(error) })
  }
}
