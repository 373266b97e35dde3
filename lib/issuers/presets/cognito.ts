import type { TokenProfile } from '../token-profile.js'

/**
 * Amazon Cognito user pools. There is no `typ`. In its stead: `token_use`, which is `access` in access tokens and `id`
 * in others. There is an `aud` only where the client asked for a resource: without one, `client_id` stands for it.
 */
export const cognito: TokenProfile = {
  documentation: 'https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html',
  types: [null, 'jwt'],
  demanded: { token_use: ['access'] },
  marks: [],
  forbidden: [],
  audience: ['aud', 'client_id'],
  scope: ['scope'],
  clientId: ['client_id'],
  tokenId: undefined
}
