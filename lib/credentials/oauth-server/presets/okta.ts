import { okta as profile } from '../../../issuers/presets/okta.js'
import type { OAuthPreset } from '../preset.js'

/** Okta, a custom authorization server. It gives no token without a scope of its own; a client that no access policy lets in is `access_denied`. */
export const okta: OAuthPreset = {
  documentation: 'https://developer.okta.com/docs/guides/implement-grant-type/clientcreds/main/',
  profile,
  tokenEndpoint: 'v1/token',
  clientAuthentication: 'client_secret_basic',
  parameters: {},
  demanded: ['scope'],
  roles: 'scp',
  refusals: ['access_denied']
}
