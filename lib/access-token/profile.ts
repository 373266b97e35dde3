import type { AccessTokenClaims } from './claims.js'
import { own, type JsonObject } from './compact.js'
import { isConfirmation } from './confirmation.js'
import { InvalidTokenError } from './errors.js'

/** Longest time between `iat` and `exp`, in seconds: a day. It stops times in milliseconds and tokens for ever. */
export const MAX_LIFETIME = 86_400

/** For the issuer itself, whose tokens are for many. */
export const ANY_AUDIENCE = Symbol('any audience')

/** What a token must say to be meant for us. */
export interface Profile {
  readonly issuer: string
  readonly audience: string | typeof ANY_AUDIENCE
  /** By how many seconds the issuer's clock and ours may differ. */
  readonly clockTolerance: number
}

/**
 * Takes only the header of an access token: `typ` is `at+jwt`, in any case, with or without `application/`,
 * and nothing is critical, for we know no extension.
 * @throws {InvalidTokenError} type, critical.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 RFC 9068, 4}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11 RFC 7515, 4.1.9 and 4.1.11}
 */
export function requireAccessTokenHeader (header: JsonObject): void {
  const typ = own(header, 'typ')
  if (typeof typ !== 'string' || !/^(application\/)?at\+jwt$/i.test(typ)) throw new InvalidTokenError('type')
  if (Object.hasOwn(header, 'crit')) throw new InvalidTokenError('critical')
}

/**
 * Takes only claims of this profile: each claim of RFC 9068 2.2 there and of its type, the issuer's and the audience's
 * identifiers equal code point by code point, the time now between `nbf` or `iat` and `exp`.
 * A token with a `cnf` (RFC 7800) that is malformed or not known is refused: it must not pass as a bearer token.
 * @param now seconds since the epoch
 * @throws {InvalidTokenError} claims, confirmation, issuer, audience, lifetime, expired, early.
 */
export function requireClaims (claims: JsonObject, profile: Profile, now: number): AccessTokenClaims {
  if (!hasShape(claims)) throw new InvalidTokenError('claims')
  if (Object.hasOwn(claims, 'cnf') && !isConfirmation(claims.cnf)) throw new InvalidTokenError('confirmation')
  if (claims.iss !== profile.issuer) throw new InvalidTokenError('issuer')
  if (profile.audience !== ANY_AUDIENCE && ![claims.aud].flat().includes(profile.audience)) throw new InvalidTokenError('audience')
  if (claims.exp - claims.iat > MAX_LIFETIME) throw new InvalidTokenError('lifetime')
  if (isExpired(claims, profile, now)) throw new InvalidTokenError('expired')
  if (isEarly(claims, profile, now)) throw new InvalidTokenError('early')
  return claims
}

/** Whether `exp` is past: from its very second on (RFC 7519 4.1.4), plus the tolerance. */
export function isExpired ({ exp }: TimedClaims, { clockTolerance }: Pick<Profile, 'clockTolerance'>, now: number): boolean {
  return now >= exp + clockTolerance
}

/** Whether the token is from the future: not issued yet, or not to be used yet (RFC 7519 4.1.5). */
export function isEarly ({ iat, nbf = iat }: TimedClaims, { clockTolerance }: Pick<Profile, 'clockTolerance'>, now: number): boolean {
  return Math.max(iat, nbf) > now + clockTolerance
}

type TimedClaims = Pick<AccessTokenClaims, 'exp' | 'iat'> & { readonly nbf?: number }

const REQUIRED = Object.entries({
  iss: isText, sub: isText, client_id: isText, jti: isText, aud: isAudience, iat: isNumericDate, exp: isNumericDate
})
const OPTIONAL = Object.entries({ nbf: isNumericDate, scope: isString, roles: isTexts, act: isActor })

function hasShape (claims: JsonObject): claims is AccessTokenClaims & TimedClaims {
  return REQUIRED.every(([name, test]) => test(own(claims, name))) &&
    OPTIONAL.every(([name, test]) => !Object.hasOwn(claims, name) || test(claims[name]))
}

function isString (value: unknown): value is string {
  return typeof value === 'string'
}

function isText (value: unknown): boolean {
  return isString(value) && value !== ''
}

function isTexts (value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isText)
}

/** Each actor has a name, those that acted before too (RFC 8693 4.1). How many there are is bounded by the length of a token. */
function isActor (value: unknown): boolean {
  for (let actor = value; actor !== undefined; actor = own(actor as JsonObject, 'act')) {
    if (typeof actor !== 'object' || actor === null || !isText(own(actor as JsonObject, 'sub'))) return false
  }
  return true
}

function isAudience (value: unknown): boolean {
  return isText(value) || (isTexts(value) && value.length > 0)
}

/** RFC 7519 2: seconds, whole or not. JSON's 1e400 is Infinity in JavaScript. */
function isNumericDate (value: unknown): boolean {
  return Number.isFinite(value)
}
