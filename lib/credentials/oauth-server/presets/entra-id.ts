import { entraId as profile } from '../../../issuers/presets/entra-id.js'
import type { OAuthPreset } from '../preset.js'

/**
 * Microsoft Entra ID. A client asks for `.default` of an API, and its app roles stand in `roles`. The issuer of version
 * 2.0 ends with `/v2.0`, which the token endpoint has in its middle. A client that the tenant does not know is
 * `unauthorized_client`.
 */
export const entraId: OAuthPreset = {
  documentation: 'https://learn.microsoft.com/en-us/entra/identity-platform/v2-oauth2-client-creds-grant-flow',
  profile,
  tokenEndpoint: '../oauth2/v2.0/token',
  clientAuthentication: 'client_secret_post',
  parameters: { scope: '{audience}/.default' },
  demanded: [],
  roles: 'roles',
  refusals: []
}
