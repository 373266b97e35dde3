import { InvalidTokenError } from '../access-token/errors.js'
import { own } from '../access-token/compact.js'
import type { ForeignIssuers } from '../issuers/foreign-issuers.js'
import { isPlainJwt } from '../issuers/plain-jwt.js'
import type { FederatedIdentity } from './registration.js'

/**
 * Whether a trusted issuer says with this JWT that its bearer is a client; undefined when it is none of a trusted
 * issuer's. It may be used until it expires: what platforms give to their workloads lies in a file, or is fetched, and
 * serves for many requests.
 * @param identity the client's; without one the answer is no after the same work
 * @param self the authorization server, for which the JWT has to be unless the identity says otherwise
 * @throws what `trustedIssuers` throws when it cannot tell.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7521#section-4.2 RFC 7521, 4.2}
 */
export async function isVouchedFor (
  assertion: string, identity: FederatedIdentity | undefined, self: string, trustedIssuers: Pick<ForeignIssuers, 'verify'>
): Promise<boolean | undefined> {
  try {
    const { issuer, claims, header } = await trustedIssuers.verify(assertion, { audience: identity?.audience ?? self })
    return issuer === identity?.issuer && own(claims, 'sub') === identity.subject && isPlainJwt(header)
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error
    return error.reason === 'issuer' ? undefined : false
  }
}
