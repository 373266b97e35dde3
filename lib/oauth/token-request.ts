import { Type, type Static } from '@sinclair/typebox'
import { CREDENTIAL_PARAMETERS } from './credential-parameters.js'
import { TARGET_PARAMETERS } from './target-parameters.js'
import { OAuthError } from './errors.js'

/**
 * A token request after reading: unknown parameters are tolerated, as strings, and ignored.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4.2 RFC 6749, 4.4.2}
 */
export const TokenRequestSchema = Type.Object({
  grant_type: Type.String({ description: 'A grant type that the metadata names.' }),
  scope: Type.Optional(Type.String({ description: 'Scopes with single spaces between them. Default: what the client\'s roles hold and what writes nothing.' })),
  ...TARGET_PARAMETERS,
  assertion: Type.Optional(Type.String({ description: 'A JWT of a trusted issuer, for the JWT bearer grant (RFC 7523 2.1).' })),
  subject_token: Type.Optional(Type.String({ description: 'The token to exchange (RFC 8693 2.1).' })),
  subject_token_type: Type.Optional(Type.String()),
  actor_token: Type.Optional(Type.String({ description: 'A token of who is going to act.' })),
  actor_token_type: Type.Optional(Type.String()),
  requested_token_type: Type.Optional(Type.String({ description: 'urn:ietf:params:oauth:token-type:access_token' })),
  ...CREDENTIAL_PARAMETERS
}, { additionalProperties: Type.String() })

export type TokenRequest = Static<typeof TokenRequestSchema>

/** The refusal of a request that is not of this schema, by the place of its first fault: what read the body let no value through but strings. */
export function requestFault (pointer: string): OAuthError {
  switch (pointer) {
    case '/token': return new OAuthError('invalid_request', 'token is missing')
    case '/grant_type': return new OAuthError('invalid_request', 'grant_type is missing')
    case '/resource':
    case '/audience': return new OAuthError('invalid_request', 'resource and audience name at least one')
    default: return new OAuthError('invalid_request', 'send the parameters in the body')
  }
}
