import type { Scheme } from './challenge.js'

/** What an `Authorization` header presents to a protected resource. */
export type PresentedToken =
  | { readonly kind: 'token', readonly scheme: Scheme, readonly token: string }
  /** Nothing, or credentials of another scheme: the client does not know yet what is wanted. */
  | { readonly kind: 'none' }
  /** Credentials of this scheme that keep not to the grammar. */
  | { readonly kind: 'malformed', readonly scheme: Scheme }

const NONE: PresentedToken = Object.freeze({ kind: 'none' })

const SCHEME = /^(bearer|dpop)(?: |$)/i
const CREDENTIALS = /^[a-z]+ +([A-Za-z0-9\-._~+/]+=*)$/i

/**
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 RFC 6750, 2.1} and
 *   {@link https://www.rfc-editor.org/rfc/rfc9449#section-7.1 RFC 9449, 7.1}
 */
export function presentedToken (authorization: string | undefined): PresentedToken {
  const name = authorization === undefined ? undefined : SCHEME.exec(authorization)?.[1]
  if (authorization === undefined || name === undefined) return NONE
  const scheme = name.toLowerCase() === 'dpop' ? 'DPoP' : 'Bearer'
  const token = CREDENTIALS.exec(authorization)?.[1]
  return token === undefined ? { kind: 'malformed', scheme } : { kind: 'token', scheme, token }
}
