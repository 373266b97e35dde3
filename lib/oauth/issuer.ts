import { OptionInvalidError } from '../errors.js'

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/**
 * The issuer identifier, if it is one: an https URL (http on loopback hosts only) without user, query, fragment
 * or a slash at its end, written as URLs are normalized, so that it compares equal wherever it is written.
 * @throws {FST_KEYHOLE_OPTION_INVALID}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 RFC 8414, 2}
 */
export function checkedIssuer (issuer: unknown): string {
  const url = typeof issuer === 'string' && URL.canParse(issuer) ? new URL(issuer) : null
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new OptionInvalidError("issuer: write the URL that names this authorization server, for example 'https://auth.example.com'.")
  }
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
    throw new OptionInvalidError('issuer: write https; http is for loopback hosts alone.')
  }
  const normalized = url.origin + url.pathname.replace(/\/+$/, '')
  if (issuer !== normalized) throw new OptionInvalidError(`issuer: write '${normalized}', without user, query, fragment or slash at its end.`)
  return normalized
}

/**
 * The path where the metadata of this issuer has to stand.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-3.1 RFC 8414, 3.1}
 */
export function metadataPath (issuer: string): string {
  const { pathname } = new URL(issuer)
  return '/.well-known/oauth-authorization-server' + (pathname === '/' ? '' : pathname)
}
