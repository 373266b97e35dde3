import { auth0 as profile } from '../../../issuers/presets/auth0.js'
import type { OAuthPreset } from '../preset.js'

/** Auth0. A client asks for an API by `audience`. A wrong secret is `access_denied`, and so is a client without a grant for the API. */
export const auth0: OAuthPreset = {
  documentation: 'https://auth0.com/docs/get-started/authentication-and-authorization-flow/client-credentials-flow/call-your-api-using-the-client-credentials-flow',
  profile,
  tokenEndpoint: 'oauth/token',
  clientAuthentication: 'client_secret_post',
  parameters: { audience: '{audience}' },
  demanded: [],
  roles: 'scope',
  refusals: ['access_denied']
}
