import type { Revocations, RevocationStorage } from '../access-token/revocation.js'
import { OAuthError } from './errors.js'
import { loggable } from './loggable.js'
import { activeToken, type TokenQuery, type TokenQueryDeps } from './token-query.js'

export interface RevocationDeps extends TokenQueryDeps {
  readonly storage: RevocationStorage
  /** What this process knows of the storage: it learns of a revocation before the client gets its answer. */
  readonly revocations: Pick<Revocations, 'refresh'>
}

/** Ends a token. What does not hold anyway needs no end, and is answered alike. */
export type RevokeToken = (query: TokenQuery) => Promise<void>

/**
 * Revokes a client's own access tokens, by their `jti`: however the token was spelt.
 * @throws {OAuthError} unauthorized_client for another client's token; temporarily_unavailable when it could not be
 *   kept: then the token is still good.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7009#section-2 RFC 7009, 2}
 */
export function createRevocation ({ authenticate, verifier, storage, revocations }: RevocationDeps): RevokeToken {
  return async query => {
    const { clientId } = await authenticate(query)
    query.facts.clientId = clientId
    const token = await activeToken(verifier, query.parameters.token)
    if (token === null) return
    const { claims } = token
    if (claims.client_id !== clientId) throw new OAuthError('unauthorized_client', 'the token belongs to another client')
    Object.assign(query.facts, { subject: claims.sub, tokenId: claims.jti } satisfies TokenQuery['facts'])
    try {
      await storage.add({ kind: 'token', tokenId: claims.jti, expiresAt: Math.ceil(claims.exp) })
      await revocations.refresh()
    } catch (error) {
      throw new OAuthError('temporarily_unavailable', 'the token could not be revoked', { cause: loggable(error) })
    }
  }
}
