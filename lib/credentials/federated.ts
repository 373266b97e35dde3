import { InvalidTokenError } from '../access-token/errors.js'
import { own } from '../access-token/compact.js'
import type { ForeignIssuers } from '../issuers/foreign-issuers.js'
import { isPlainJwt } from '../issuers/plain-jwt.js'
import type { FederatedIdentity } from './registration.js'

/**
 * Whether a trusted issuer says with this JWT that its bearer is a client. It may be used until it expires: what
 * platforms give to their workloads lies in a file, or is fetched, and serves for many requests.
 * @throws what `trustedIssuers` throws when it cannot tell.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7521#section-4.2 RFC 7521, 4.2}
 */
export async function isVouchedFor (
  assertion: string, { issuer, subject, audience }: Required<FederatedIdentity>, trustedIssuers: Pick<ForeignIssuers, 'verify'>
): Promise<boolean> {
  try {
    const { issuer: voucher, claims, header } = await trustedIssuers.verify(assertion, { audience })
    return voucher === issuer && own(claims, 'sub') === subject && isPlainJwt(header)
  } catch (error) {
    if (error instanceof InvalidTokenError) return false
    throw error
  }
}
