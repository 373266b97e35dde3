import type { FastifyReply, FastifyRequest } from 'fastify'
import { InvalidTokenError } from '../../lib/access-token/errors.js'
import { InvalidProofError } from '../../lib/dpop/errors.js'
import type { Nonces } from '../../lib/dpop/nonces.js'
import { createProofVerifier, type BoundToken } from '../../lib/dpop/proof.js'
import { requestUrl } from '../../lib/dpop/target.js'
import { ProofUncheckedError } from '../../lib/errors.js'
import type { ReplayStorage } from '../../lib/replay/replay-storage.js'

/** How one guard has its callers prove that a token is theirs. */
export interface Possession {
  /** Where clients see the root of this application. */
  readonly baseUrl: string
  readonly nonces: Nonces | undefined
  /**
   * @throws {InvalidProofError} for a proof that does not hold.
   * @throws {InvalidTokenError} for one of another key.
   * @throws {FST_KEYHOLE_PROOF_UNCHECKED} when it cannot be told whether it was used before.
   */
  prove (request: FastifyRequest, reply: FastifyReply, token: BoundToken): Promise<void>
}

interface PossessionDeps {
  readonly baseUrl: string
  readonly nonces: Nonces | undefined
  readonly replays: ReplayStorage
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-7 RFC 9449, 7 and 9} */
export function createPossession ({ baseUrl, nonces, replays }: PossessionDeps): Possession {
  const verify = createProofVerifier({ replays, nonces })
  return Object.freeze<Possession>({
    baseUrl,
    nonces,
    async prove (request, reply, token) {
      if (nonces !== undefined) reply.header('dpop-nonce', nonces.current())
      const { method, originalUrl, headers: { dpop } } = request
      try {
        await verify(dpop?.toString(), { method, url: requestUrl(baseUrl, originalUrl), token })
      } catch (error) {
        if (error instanceof InvalidProofError || error instanceof InvalidTokenError) throw error
        throw new ProofUncheckedError({ cause: error })
      }
    }
  })
}
