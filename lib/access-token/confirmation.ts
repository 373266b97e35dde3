/** The key that whoever sends a token must prove to have, by its thumbprint (RFC 7638): RFC 9449 6.1. */
export interface Confirmation { readonly jkt: string }

/** SHA-256 as base64url without padding. */
const THUMBPRINT = /^[A-Za-z0-9_-]{43}$/

/**
 * Whether a `cnf` claim asks for just this proof. One that asks for another besides, such as a certificate, is none:
 * what cannot be checked must not pass as checked.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7800#section-3.1 RFC 7800, 3.1}
 */
export function isConfirmation (cnf: unknown): cnf is Confirmation {
  return typeof cnf === 'object' && cnf !== null && Object.keys(cnf).join() === 'jkt' && 'jkt' in cnf && typeof cnf.jkt === 'string' && THUMBPRINT.test(cnf.jkt)
}
