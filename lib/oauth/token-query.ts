import { Type, type Static } from '@sinclair/typebox'
import { InvalidTokenError } from '../access-token/errors.js'
import type { TokenVerifier, VerifiedToken } from '../access-token/verified-token.js'
import type { TokenQueryEvent } from '../audit/event.js'
import type { AuthenticateClient, AuthenticatedRequest } from './client-authentication.js'
import { CREDENTIAL_PARAMETERS } from './credential-parameters.js'
import { OAuthError } from './errors.js'
import { loggable } from './loggable.js'
import { TARGET_PARAMETERS } from './target-parameters.js'

/**
 * What a client sends about a token: to introspect it (RFC 7662 2.1) or to revoke it (RFC 7009 2.1). There is one kind
 * of token, so a hint at its type says nothing.
 */
export const TokenQuerySchema = Type.Object({
  token: Type.String({ description: 'The access token that this is about.' }),
  token_type_hint: Type.Optional(Type.String({ description: 'Ignored: there are access tokens only.' })),
  ...TARGET_PARAMETERS,
  ...CREDENTIAL_PARAMETERS
}, { additionalProperties: Type.String() })

/** A request about a token whose parameters were read and checked. */
export interface TokenQuery extends AuthenticatedRequest {
  readonly parameters: Static<typeof TokenQuerySchema>
  /** Filled in as the request gets on, for its audit event. */
  readonly facts: { -readonly [Fact in 'clientId' | 'subject' | 'tokenId']?: TokenQueryEvent[Fact] }
}

export interface TokenQueryDeps {
  readonly authenticate: AuthenticateClient
  readonly verifier: TokenVerifier
}

/**
 * A token of ours that holds now; null for every other text.
 * @throws {OAuthError} temporarily_unavailable when that cannot be told
 */
export async function activeToken (verifier: TokenVerifier, token: string): Promise<VerifiedToken | null> {
  try {
    return await verifier.verify(token)
  } catch (error) {
    if (error instanceof InvalidTokenError) return null
    throw new OAuthError('temporarily_unavailable', 'the token cannot be checked now', { cause: loggable(error) })
  }
}
