import { createHash } from 'node:crypto'
import { calculateJwkThumbprint, EmbeddedJWK, errors, jwtVerify, type JWK, type JWTPayload } from 'jose'
import { InvalidTokenError } from '../access-token/errors.js'
import type { ReplayStorage } from '../replay/replay-storage.js'
import { InvalidProofError } from './errors.js'
import type { Nonces } from './nonces.js'
import { normalizedTarget } from './target.js'

/** Algorithms that proofs may be signed with: those whose keys cost the same, small effort each. */
export const PROOF_ALGORITHMS: readonly string[] = Object.freeze(['ES256', 'EdDSA', 'Ed25519'])

/** Seconds for which a proof is good. */
export const MAX_AGE = 300

/** By how many seconds the clock of who made a proof may be ahead. */
const TOLERANCE = 5

/** Seconds for which a proof is remembered after that: the clocks of those who check it differ too. */
const CLOCK_SKEW = 60

/** Longest proof that is looked at, in characters. */
const MAX_LENGTH = 8192

/** Two headers, which Node joins by a comma, are not one JWT. */
const ONE_JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/

export interface ProofVerifierOptions {
  /** Where proofs are remembered that were used. */
  readonly replays: ReplayStorage
  /** Demanded in each proof; undefined where none are. */
  readonly nonces: Nonces | undefined
  /** Seconds since the epoch. */
  readonly now?: () => number
}

/** The request that a proof is to be for. */
export interface ProvenRequest {
  readonly method: string
  /** As `normalizedTarget` and `requestUrl` give it. */
  readonly url: string | undefined
  /** The access token that comes with it. */
  readonly token?: BoundToken
}

export interface BoundToken {
  readonly text: string
  /** Thumbprint. */
  readonly boundTo: string
}

/**
 * Checks the proof in the header `DPoP`, and that it is used for the first time.
 * @returns the thumbprint of its key (RFC 7638)
 * @throws {InvalidProofError} naming the first thing that is wrong with it.
 * @throws {InvalidTokenError} possession: the token is bound to another key. What the storage throws goes through.
 */
export type VerifyProof = (proof: string | undefined, request: ProvenRequest) => Promise<string>

/** @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 RFC 9449, 4.3} */
export function createProofVerifier ({ replays, nonces, now = () => Date.now() / 1000 }: ProofVerifierOptions): VerifyProof {
  return async (proof, { method, url, token }) => {
    if (proof === undefined) throw new InvalidProofError('missing')
    const time = now()
    const { payload, jwk } = await readProof(proof, time)
    const { jti, htm, htu, iat, ath, nonce } = requireClaims(payload)
    if (htm !== method) throw new InvalidProofError('method')
    if (url === undefined || normalizedTarget(htu) !== url) throw new InvalidProofError('target')
    if (iat > time + TOLERANCE || time - iat > MAX_AGE) throw new InvalidProofError('time')
    if (token !== undefined && ath !== hashOf(token.text)) throw new InvalidProofError('token')
    const thumbprint = await calculateJwkThumbprint(jwk)
    if (token !== undefined && thumbprint !== token.boundTo) throw new InvalidTokenError('possession')
    if (nonces?.accepts(nonce) === false) throw new InvalidProofError('nonce')
    if (!await replays.use('dpop', `${thumbprint} ${jti}`, Math.ceil(iat) + MAX_AGE + CLOCK_SKEW)) throw new InvalidProofError('replayed')
    return thumbprint
  }
}

/** What a proof says, once its signature by the key in its header holds. */
async function readProof (proof: string, time: number): Promise<{ payload: JWTPayload, jwk: JWK }> {
  if (proof.length > MAX_LENGTH || !ONE_JWT.test(proof)) throw new InvalidProofError('malformed')
  try {
    const { payload, protectedHeader } = await jwtVerify(proof, EmbeddedJWK, {
      typ: 'dpop+jwt', algorithms: [...PROOF_ALGORITHMS], clockTolerance: TOLERANCE, currentDate: new Date(time * 1000)
    })
    return { payload, jwk: protectedHeader.jwk! }
  } catch (error) {
    throw new InvalidProofError(reasonOf(error))
  }
}

/** Its message is not for anybody: it may quote what could not be read. */
function reasonOf (error: unknown): InvalidProofError['reason'] {
  if (error instanceof errors.JOSEAlgNotAllowed) return 'algorithm'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'signature'
  if (error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired) return error.claim === 'typ' ? 'type' : 'claims'
  return 'malformed'
}

interface ProofClaims {
  readonly jti: string
  readonly htm: string
  readonly htu: string
  readonly iat: number
  readonly ath?: unknown
  readonly nonce?: unknown
}

function requireClaims (payload: JWTPayload): ProofClaims {
  if (!hasShape(payload)) throw new InvalidProofError('claims')
  return payload
}

function hasShape (payload: JWTPayload): payload is JWTPayload & ProofClaims {
  const { jti, htm, htu, iat } = payload
  return typeof jti === 'string' && jti !== '' && typeof htm === 'string' && typeof htu === 'string' && Number.isFinite(iat)
}

/** `ath`, RFC 9449 4.2. */
function hashOf (token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
