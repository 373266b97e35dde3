import { cognito as profile } from '../../../issuers/presets/cognito.js'
import type { OAuthPreset } from '../preset.js'

/**
 * Amazon Cognito user pools. The token endpoint is at the pool's domain, which the issuer does not show. Tokens of client
 * credentials name no audience, so that the client's id stands for it; scopes are those of resource servers.
 */
export const cognito: OAuthPreset = {
  documentation: 'https://docs.aws.amazon.com/cognito/latest/developerguide/token-endpoint.html',
  profile,
  clientAuthentication: 'client_secret_basic',
  parameters: {},
  demanded: [],
  roles: 'scope',
  refusals: [],
  isAudienceClient: true
}
