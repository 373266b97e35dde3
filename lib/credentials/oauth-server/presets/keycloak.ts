import { keycloak as profile } from '../../../issuers/presets/keycloak.js'
import type { OAuthPreset } from '../preset.js'

/** Keycloak, a client with a service account: its roles of the realm stand in `realm_access`. */
export const keycloak: OAuthPreset = {
  documentation: 'https://www.keycloak.org/docs/latest/server_admin/#_service_accounts',
  profile,
  tokenEndpoint: 'protocol/openid-connect/token',
  clientAuthentication: 'client_secret_basic',
  parameters: {},
  demanded: [],
  roles: ['realm_access', 'roles'],
  refusals: []
}
