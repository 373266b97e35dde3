import { own, type JsonObject } from '../access-token/compact.js'
import { InvalidTokenError } from '../access-token/errors.js'
import { MAX_LIFETIME } from '../access-token/profile.js'

/** What a JWT must say to be taken. */
export interface JwtDemands {
  /** Must be among `aud`, character by character. */
  readonly audience: string
  /** Claims that must be there as texts that are not empty. Default: none but `iss`, `aud` and `exp`. */
  readonly requiredClaims?: readonly string[]
}

/**
 * Takes only claims that are for this audience and hold now: `aud` and `exp` there, `nbf` and `iat` not in the future,
 * no longer than a day to live. Of `iss` it does not speak: that chose the key.
 * @param now seconds since the epoch
 * @param clockTolerance seconds
 * @throws {InvalidTokenError} claims, audience, lifetime, expired, early.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7519#section-4.1 RFC 7519, 4.1}
 */
export function requireJwtClaims (claims: JsonObject, { audience, requiredClaims = [] }: JwtDemands, now: number, clockTolerance: number): void {
  const audiences = [own(claims, 'aud')].flat()
  if (audiences.length === 0 || ![...audiences, ...requiredClaims.map(name => own(claims, name))].every(isText)) throw new InvalidTokenError('claims')
  const exp = numericDate(claims, 'exp')
  if (exp === undefined) throw new InvalidTokenError('claims')
  if (!audiences.includes(audience)) throw new InvalidTokenError('audience')
  if (exp - (numericDate(claims, 'iat') ?? now) > MAX_LIFETIME) throw new InvalidTokenError('lifetime')
  if (now >= exp + clockTolerance) throw new InvalidTokenError('expired')
  if (['nbf', 'iat'].some(name => (numericDate(claims, name) ?? now) > now + clockTolerance)) throw new InvalidTokenError('early')
}

function isText (value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

/** RFC 7519 2: seconds, whole or not. JSON's 1e400 is Infinity in JavaScript. */
function numericDate (claims: JsonObject, name: string): number | undefined {
  const value = own(claims, name)
  if (value !== undefined && !(typeof value === 'number' && Number.isFinite(value))) throw new InvalidTokenError('claims')
  return value
}
