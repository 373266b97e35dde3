/** What an `Authorization` header presents to a protected resource. */
export type PresentedToken =
  | { readonly kind: 'token', readonly token: string }
  /** Nothing, or credentials of another scheme: the client does not know yet what is wanted. */
  | { readonly kind: 'none' }
  /** Bearer credentials that keep not to the grammar. */
  | { readonly kind: 'malformed' }

const NONE: PresentedToken = Object.freeze({ kind: 'none' })
const MALFORMED: PresentedToken = Object.freeze({ kind: 'malformed' })

const BEARER = /^bearer(?: |$)/i
const CREDENTIALS = /^bearer +([A-Za-z0-9\-._~+/]+=*)$/i

/** @see {@link https://www.rfc-editor.org/rfc/rfc6750#section-2.1 RFC 6750, 2.1} */
export function presentedToken (authorization: string | undefined): PresentedToken {
  if (authorization === undefined || !BEARER.test(authorization)) return NONE
  const token = CREDENTIALS.exec(authorization)?.[1]
  return token === undefined ? MALFORMED : { kind: 'token', token }
}
