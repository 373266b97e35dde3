/** RFC 6749 A.1 and A.2: printable ASCII. Longer ones than anybody has are not carried on. */
const PRESENTABLE = /^[\x20-\x7e]{1,512}$/

/**
 * Whether a text can be the id or the secret of somebody else's client, so that others may be asked about it. With a NUL at
 * its end another secret would pass for the right one: HMAC, and with it PBKDF2 and scrypt, fills up with these.
 */
export function isPresentable (text: string | undefined): text is string {
  return text !== undefined && PRESENTABLE.test(text)
}
