import type { AccessTokenClaims, Actor } from '../access-token/claims.js'
import type { Confirmation } from '../access-token/confirmation.js'
import type { Principal } from '../credentials/provider.js'
import { activeToken, type TokenQuery, type TokenQueryDeps } from './token-query.js'

/** What is told of a token: nothing at all where it does not hold, or is none of the client's business. */
export type IntrospectionAnswer = { readonly active: false } | {
  readonly active: true
  readonly token_type: 'Bearer' | 'DPoP'
  readonly scope?: string
  readonly client_id: string
  readonly sub: string
  /** Who acts for the subject, RFC 8693 4.1. */
  readonly act?: Actor
  readonly aud: string | readonly string[]
  readonly iss: string
  readonly jti: string
  /** Seconds since the epoch. */
  readonly exp: number
  readonly iat: number
  /** Of a token that is bound to a key, its thumbprint (RFC 9449 6.2). */
  readonly cnf?: Confirmation
}

export type Introspection = (query: TokenQuery) => Promise<IntrospectionAnswer>

const INACTIVE = Object.freeze({ active: false })

/**
 * Tells a client of a token: of its own ones, and a protected resource of those that are for its audiences.
 * @throws {OAuthError}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7662#section-2 RFC 7662, 2}
 */
export function createIntrospection ({ authenticate, verifier }: TokenQueryDeps): Introspection {
  return async query => {
    const principal = await authenticate(query)
    query.facts.clientId = principal.clientId
    const token = await activeToken(verifier, query.parameters.token)
    if (token === null || !mayAsk(principal, token.claims)) return INACTIVE
    const { claims } = token
    Object.assign(query.facts, { subject: claims.sub, tokenId: claims.jti } satisfies TokenQuery['facts'])
    const { scope, client_id: clientId, sub, act, aud, iss, jti, exp, iat, cnf } = claims
    return { active: true, token_type: cnf === undefined ? 'Bearer' : 'DPoP', ...(scope !== undefined && { scope }), client_id: clientId, sub, ...(act !== undefined && { act }), aud, iss, jti, exp, iat, ...(cnf !== undefined && { cnf }) }
  }
}

function mayAsk ({ clientId, audiences = [] }: Principal, { client_id: owner, aud }: AccessTokenClaims): boolean {
  return owner === clientId || [aud].flat().some(audience => audiences.includes(audience))
}
