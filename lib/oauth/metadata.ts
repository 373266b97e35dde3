import { PROOF_ALGORITHMS } from '../dpop/proof.js'
import { ALGORITHMS } from '../keys/key-source.js'
import type { PolicySnapshot } from '../policy/snapshot.js'
import type { Grant } from './grants/grant.js'
import type { TokenEndpointPaths } from './options.js'

/** What the metadata tells of an endpoint. */
export interface Published {
  readonly issuer: string
  /** Paths on the issuer's host. */
  readonly paths: Required<TokenEndpointPaths>
  /** Whether there is a revocation endpoint. */
  readonly canRevoke: boolean
  readonly grants: readonly Grant[]
  /** Whether clients may prove themselves by a JWT. */
  readonly checksAssertions: boolean
}

/**
 * The authorization server's metadata. `response_types_supported` stays out while there is no authorization
 * endpoint: it would be an empty array, which section 3.2 forbids (see erratum 7793).
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 RFC 8414, 2}
 */
export function metadata ({ issuer, paths, canRevoke, grants, checksAssertions }: Published, policy: PolicySnapshot): object {
  const urlOf = (path: string) => new URL(path, issuer).href
  const authenticationAt = (endpoint: string) => ({
    [`${endpoint}_endpoint_auth_methods_supported`]: ['client_secret_basic', 'client_secret_post', ...(checksAssertions ? ['private_key_jwt'] : [])],
    ...(checksAssertions && { [`${endpoint}_endpoint_auth_signing_alg_values_supported`]: ALGORITHMS })
  })
  return {
    issuer,
    token_endpoint: urlOf(paths.token),
    introspection_endpoint: urlOf(paths.introspect),
    ...(canRevoke && { revocation_endpoint: urlOf(paths.revoke) }),
    jwks_uri: urlOf(paths.jwks),
    dpop_signing_alg_values_supported: PROOF_ALGORITHMS,
    scopes_supported: Object.keys(policy.document.scopes),
    grant_types_supported: grants.map(({ type }) => type),
    ...authenticationAt('token'),
    ...authenticationAt('introspection'),
    ...(canRevoke && authenticationAt('revocation'))
  }
}
