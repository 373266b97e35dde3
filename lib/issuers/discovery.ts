import { OptionInvalidError } from '../errors.js'
import { NotThereError, type FetchedJson } from './fetch-json.js'
import { safeUrl } from './safe-url.js'

/** An issuer whose key set is found by its metadata. */
export interface DiscoveredIssuer {
  readonly issuer: string
  /** Another origin than the issuer's own where its key set may be. */
  readonly jwksOrigin?: string
}

/**
 * Where an issuer's metadata may stand, the commonest place first.
 * @see {@link https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig OpenID Connect Discovery 1.0, 4}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.1 RFC 8414, 3.1}
 */
export function metadataUrls (issuer: string): readonly [string, string] {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  return [`${origin}${path}/.well-known/openid-configuration`, `${origin}/.well-known/oauth-authorization-server${path}`]
}

/**
 * What an issuer says of itself. The second place is asked only where the server has nothing at the first.
 * @throws {FST_KEYHOLE_OPTION_INVALID} when the metadata is another issuer's. What `fetchJson` throws goes through.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.3 RFC 8414, 3.3}
 */
export async function readMetadata (issuer: string, fetchJson: (url: string) => Promise<FetchedJson>): Promise<IssuerMetadata> {
  const [first, second] = metadataUrls(issuer)
  const { value } = await fetchJson(first).catch(error => {
    if (error instanceof NotThereError) return fetchJson(second)
    throw error
  })
  const metadata = (value ?? {}) as IssuerMetadata
  if (metadata.issuer !== issuer) {
    throw new OptionInvalidError(`issuer: the metadata of '${issuer}' says that its issuer is ${quoted(metadata.issuer)}; write what iss says in its tokens, character by character.`)
  }
  return metadata
}

/** Members of the metadata, of whatever type. */
export type IssuerMetadata = Readonly<Record<string, unknown>>

/**
 * Where an issuer says that its key set is.
 * @throws {FST_KEYHOLE_OPTION_INVALID} when the metadata is another issuer's, or leads to another origin than may be.
 *   What `fetchJson` throws goes through.
 */
export async function discoverJwksUri ({ issuer, jwksOrigin }: DiscoveredIssuer, fetchJson: (url: string) => Promise<FetchedJson>): Promise<string> {
  const url = endpointUrl(await readMetadata(issuer, fetchJson), 'jwks_uri', 'jwks, the URL of the key set')
  if (![new URL(issuer).origin, jwksOrigin].includes(url.origin)) {
    throw new OptionInvalidError(`jwksOrigin: the key set of '${issuer}' is at another origin; if that is meant to be, write jwksOrigin: '${url.origin}'.`)
  }
  return url.href
}

/**
 * The URL of one of the issuer's endpoints, wherever it leads.
 * @param cure what to write where there is none
 * @throws {FST_KEYHOLE_OPTION_INVALID} when the metadata has none that is safe.
 */
export function endpointUrl (metadata: IssuerMetadata, member: string, cure: string): URL {
  const { issuer, [member]: uri } = metadata
  const url = safeUrl(uri)
  if (url === undefined) {
    throw new OptionInvalidError(`issuer: the metadata of '${String(issuer)}' has no https URL as its ${member}, but ${quoted(uri)}; write ${cure}.`)
  }
  return url
}

function quoted (value: unknown): string {
  return (JSON.stringify(value) ?? 'missing').slice(0, 200)
}
