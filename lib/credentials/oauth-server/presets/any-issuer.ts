import { rfc9068 } from '../../../issuers/token-profile.js'
import type { OAuthPreset } from '../preset.js'

/** Whoever keeps to RFC 6749 and RFC 9068; `roles` is the claim of RFC 9068 2.2.3.1. */
export const anyIssuer: OAuthPreset = {
  documentation: 'https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3.1',
  profile: rfc9068,
  clientAuthentication: 'client_secret_basic',
  parameters: {},
  demanded: [],
  roles: 'roles',
  refusals: []
}
