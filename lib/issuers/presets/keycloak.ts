import type { TokenProfile } from '../token-profile.js'

/**
 * Keycloak. `typ` of the header is `JWT`, unless the client has "Use rfc9068 access token header type". In its stead:
 * the claim `typ`, which is `Bearer` in access tokens and `ID`, `Refresh` or `Logout` in others.
 */
export const keycloak: TokenProfile = {
  documentation: 'https://www.keycloak.org/docs/latest/server_admin/#_client-scopes',
  types: ['jwt', 'at+jwt'],
  demanded: { typ: ['Bearer'] },
  marks: [],
  forbidden: [],
  audience: ['aud'],
  scope: ['scope'],
  clientId: ['azp', 'client_id'],
  tokenId: 'jti'
}
