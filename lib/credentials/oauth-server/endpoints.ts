import { OptionInvalidError } from '../../errors.js'
import { endpointUrl, readMetadata } from '../../issuers/discovery.js'
import { fetchJson } from '../../issuers/fetch-json.js'
import { createOriginClient, type OriginClient } from '../origin-client.js'
import type { OAuthSettings } from './options.js'

/** Where the issuer is asked. */
export interface Endpoints {
  readonly token: OriginClient
  /** Undefined where access tokens are JWTs. */
  readonly introspection: OriginClient | undefined
}

/** Of an answer of the issuer's, in bytes. */
const SIZE_LIMIT = 64 * 1024

/** Connections to one endpoint, at most. */
export const CONNECTIONS = 16

/** How long the metadata may take, in milliseconds. */
const TIME_LIMIT = 5000

/**
 * The endpoints: as the options say, else as the issuer's metadata says, which is read once, by the first who needs it.
 * @throws {FST_KEYHOLE_OPTION_INVALID} when the metadata shows that an option is wrong or missing: secrets go to the
 *   issuer's own origin alone, unless another is written. What reading it throws goes through, and it is read again.
 */
export function endpointsOf ({ issuer: { issuer }, tokenEndpoint, introspection, timeout }: OAuthSettings): () => Promise<Endpoints> {
  let known: Promise<Endpoints> | undefined
  const clientOf = (url: string) => createOriginClient({
    url: new URL(url), tls: {}, connections: CONNECTIONS, retries: 1, timeout, sizeLimit: SIZE_LIMIT, reads: [200, 400, 403]
  })
  const urls = async (): Promise<{ readonly token: string, readonly introspection: string | undefined }> => {
    const written = { token: tokenEndpoint, introspection: introspection?.endpoint }
    if (written.token !== undefined && (introspection === undefined || written.introspection !== undefined)) return { ...written, token: written.token }
    const metadata = await readMetadata(issuer, url => fetchJson(url, AbortSignal.timeout(TIME_LIMIT)))
    const discovered = (member: string, option: string): string => {
      const url = endpointUrl(metadata, member, option)
      if (url.origin !== new URL(issuer).origin) {
        throw new OptionInvalidError(`oauthCredentialProvider: the ${member} of '${issuer}' is at another origin; if that is meant to be, write ${option}: '${url.href}'.`)
      }
      return url.href
    }
    return {
      token: written.token ?? discovered('token_endpoint', 'tokenEndpoint'),
      introspection: introspection && (written.introspection ?? discovered('introspection_endpoint', 'introspection.endpoint'))
    }
  }
  const open = async (): Promise<Endpoints> => {
    const { token, introspection } = await urls()
    return { token: clientOf(token), introspection: introspection === undefined ? undefined : clientOf(introspection) }
  }
  return () => {
    known ??= open().catch(error => {
      known = undefined
      throw error
    })
    return known
  }
}
