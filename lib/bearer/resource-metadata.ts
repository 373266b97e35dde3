/** What others may know of a protected resource. */
export interface ProtectedResource {
  /** Its URL, which tokens name as their audience. */
  readonly resource: string
  readonly issuers: readonly string[]
  /** Asked for each time: a policy may change. */
  readonly scopes: () => readonly string[]
  /** Algorithms that proofs of possession may be signed with; none where they are not checked. */
  readonly proofAlgorithms: readonly string[]
  /** Whether only tokens that are bound to a key are taken. */
  readonly mustBeBound: boolean
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Characters of a path that mean themselves in a route and in a URL alike. */
const PLAIN_URL = /^https?:\/\/[^/?#@\\]+(?:\/[A-Za-z0-9._~-]+)*\/?$/i

/**
 * The path where the metadata of this resource has to stand; undefined where it is no URL that metadata can be found for.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-3.1 RFC 9728, 3.1}
 */
export function resourceMetadataPath (resource: string): string | undefined {
  if (!PLAIN_URL.test(resource) || !URL.canParse(resource)) return undefined
  const { pathname } = new URL(resource)
  return WELL_KNOWN + (pathname === '/' ? '' : pathname)
}

/**
 * The metadata of one resource, which several guards may make up together.
 * A list of nothing is left out, as its section 3.2 says.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9728#section-2 RFC 9728, 2}
 */
export function resourceMetadata (resource: string, parts: readonly ProtectedResource[]): object {
  const union = (lists: ReadonlyArray<readonly string[]>) => [...new Set(lists.flat())]
  const algorithms = union(parts.map(part => part.proofAlgorithms))
  const mustBeBound = parts.every(part => part.mustBeBound)
  return {
    resource,
    authorization_servers: union(parts.map(part => part.issuers)),
    scopes_supported: union(parts.map(part => part.scopes())),
    ...(!mustBeBound && { bearer_methods_supported: ['header'] }),
    ...(algorithms.length > 0 && { dpop_signing_alg_values_supported: algorithms, dpop_bound_access_tokens_required: mustBeBound })
  }
}
