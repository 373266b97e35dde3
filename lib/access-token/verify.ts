import { OptionInvalidError } from '../errors.js'
import type { KeySource, VerificationKey } from '../keys/key-source.js'
import type { AccessTokenClaims } from './claims.js'
import { createTokenCache, type CachedToken } from './cache.js'
import { readCompactJws, readJsonObject, type CompactJws } from './compact.js'
import { InvalidTokenError } from './errors.js'
import { ANY_AUDIENCE, isEarly, isExpired, requireAccessTokenHeader, requireClaims } from './profile.js'
import { scopeTokens } from './scope.js'
import type { Revocations } from './revocation.js'
import { requireSignature } from './signature.js'
import type { TokenVerifier, VerifiedToken } from './verified-token.js'

export interface TokenVerifierOptions {
  /** The only `iss` that is taken. */
  readonly issuer: string
  /** What must be among `aud`. */
  readonly audience: string | typeof ANY_AUDIENCE
  /** The issuer's keys. */
  readonly keys: KeySource
  /** By how many seconds the issuer's clock and ours may differ, 0 to 60; 5 when left out. */
  readonly clockTolerance?: number
  /** How many verified tokens are remembered, at least 1; 10,000 when left out. One of 500 characters takes 2 KB of memory. */
  readonly cacheSize?: number
  /** What is no longer good; nothing when left out. */
  readonly revocations?: Pick<Revocations, 'isRevoked'> | undefined
  /** Seconds since the epoch. */
  readonly now?: () => number
}

/**
 * Verifies access tokens as RFC 9068 4 says.
 * A token that was verified is remembered while its key is in `keys`; its times, and whether it was revoked, are looked at each time.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option.
 */
export function createTokenVerifier (options: TokenVerifierOptions): TokenVerifier {
  const { issuer, audience, keys, revocations, clockTolerance = 5, cacheSize = 10_000, now = () => Date.now() / 1000 } = options
  requireText(issuer, 'issuer')
  if (audience !== ANY_AUDIENCE) requireText(audience, 'audience')
  requireNumber(clockTolerance, 'clockTolerance', 'a number of seconds from 0 to 60', value => value >= 0 && value <= 60)
  requireNumber(cacheSize, 'cacheSize', 'a whole number of tokens, 1 or more', value => Number.isSafeInteger(value) && value >= 1)

  const profile = Object.freeze({ issuer, audience, clockTolerance })
  const cache = createTokenCache(cacheSize)

  const holds = ({ key, verified: { claims } }: CachedToken) => {
    const time = now()
    return keys.find(key.kid, key.alg) === key && revocations?.isRevoked(claims) !== true && !isExpired(claims, profile, time) && !isEarly(claims, profile, time)
  }
  const accept = ({ token, payload }: CompactJws, key: VerificationKey) => {
    const claims = requireClaims(readJsonObject(payload), profile, now())
    const verified = new RememberedToken(claims, scopeTokens(claims.scope ?? ''))
    if (revocations?.isRevoked(verified.claims) === true) throw new InvalidTokenError('revoked')
    cache.add({ token, key, verified })
    return verified
  }

  const recall = (token: string) => {
    const cached = cache.get(token)
    return cached !== undefined && holds(cached) ? cached.verified : undefined
  }

  return Object.freeze({
    recall,
    verify (token: string) {
      const known = recall(token)
      if (known !== undefined) return known
      const jws = readCompactJws(token)
      requireAccessTokenHeader(jws.header)
      const key = requireSignature(jws, keys)
      return key instanceof Promise ? key.then(key => accept(jws, key)) : accept(jws, key)
    }
  })
}

/** What may change of it is out of reach of who writes members into it. */
class RememberedToken implements VerifiedToken {
  #derived: unknown

  constructor (readonly claims: AccessTokenClaims, readonly scopes: readonly string[]) {
    Object.freeze(this)
  }

  get derived (): unknown { return this.#derived }
  set derived (value) { this.#derived = value }
}

function requireText (value: unknown, option: string): void {
  if (typeof value !== 'string' || value === '') throw new OptionInvalidError(`${option}: write a string that is not empty.`)
}

function requireNumber (value: unknown, option: string, wanted: string, good: (value: number) => boolean): void {
  if (typeof value !== 'number' || !good(value)) throw new OptionInvalidError(`${option}: write ${wanted}.`)
}
