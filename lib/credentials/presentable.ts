import { randomUUID } from 'node:crypto'
import type { ClientCredentials } from './provider.js'

/** RFC 6749 A.1 and A.2: printable ASCII. Longer ones than anybody has are not carried on. */
const PRESENTABLE = /^[\x20-\x7e]{1,512}$/

/** The same where ids and secrets may be of any script. What is left out some database, parser or log fails at. */
const PRESENTABLE_IN_UNICODE = /^[^\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]{1,512}$/u

/** The letters of a JWT, of which there are no more than in one that is verified here. */
const JWT = /^[\w.-]{1,8192}$/

/**
 * Whether a text can be the id or the secret of somebody else's client, so that others may be asked about it. With a NUL at
 * its end another secret would pass for the right one: HMAC, and with it PBKDF2 and scrypt, fills up with these.
 */
export function isPresentable (text: string | undefined): text is string {
  return text !== undefined && PRESENTABLE.test(text)
}

/** The same for a system that knows ids and secrets in Unicode. */
export function isPresentableInUnicode (text: string | undefined): text is string {
  return text !== undefined && PRESENTABLE_IN_UNICODE.test(text)
}

/** Whether all that a client presented can be somebody's; which of it has to be there, others know. */
export function arePresentable ({ clientId, clientSecret, apiKey, clientAssertion }: ClientCredentials): boolean {
  return isPresentableInUnicode(clientId) && [clientSecret, apiKey].every(text => text === undefined || isPresentableInUnicode(text)) &&
    (clientAssertion === undefined || JWT.test(clientAssertion))
}

/** Of nobody: what no system can know takes the work of what one could. */
export function credentialsOfNobody (): { readonly [Name in 'clientId' | 'clientSecret' | 'apiKey']: string } {
  return Object.freeze({ clientId: `nobody-${randomUUID()}`, clientSecret: randomUUID(), apiKey: randomUUID() })
}
