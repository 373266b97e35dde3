import type { PolicySnapshot } from '../policy/snapshot.js'
import { AUTHENTICATION_METHODS } from './client-authentication.js'
import type { Grant } from './grants/grant.js'

/** What the metadata tells of an endpoint. */
export interface Published {
  readonly issuer: string
  /** Paths on the issuer's host. */
  readonly tokenPath: string
  readonly jwksPath: string
  readonly grants: readonly Grant[]
}

/**
 * The authorization server's metadata. `response_types_supported` stays out while there is no authorization
 * endpoint: it would be an empty array, which section 3.2 forbids (see erratum 7793).
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 RFC 8414, 2}
 */
export function metadata ({ issuer, tokenPath, jwksPath, grants }: Published, policy: PolicySnapshot): object {
  return {
    issuer,
    token_endpoint: new URL(tokenPath, issuer).href,
    jwks_uri: new URL(jwksPath, issuer).href,
    scopes_supported: Object.keys(policy.document.scopes),
    grant_types_supported: grants.map(({ type }) => type),
    token_endpoint_auth_methods_supported: AUTHENTICATION_METHODS
  }
}
