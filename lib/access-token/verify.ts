import { OptionInvalidError } from '../errors.js'
import type { KeySource, VerificationKey } from '../keys/key-source.js'
import type { AccessTokenClaims } from './claims.js'
import { createTokenCache, type CachedToken } from './cache.js'
import { own, readCompactJws, readJsonObject, type CompactJws } from './compact.js'
import { InvalidTokenError } from './errors.js'
import { accessTokenRules, type IssuerRules } from './issuer-rules.js'
import { ANY_AUDIENCE, isEarly, isExpired } from './profile.js'
import { scopeTokens } from './scope.js'
import { requireSignature } from './signature.js'
import type { TokenVerifier, VerifiedToken } from './verified-token.js'

interface VerifierOptions {
  /** By how many seconds an issuer's clock and ours may differ, 0 to 60; 5 when left out. */
  readonly clockTolerance?: number
  /** How many verified tokens are remembered, at least 1; 10,000 when left out. One of 500 characters takes 2 KB of memory. */
  readonly cacheSize?: number
  /** Seconds since the epoch. */
  readonly now?: () => number
}

export interface TokenVerifierOptions extends VerifierOptions {
  /** The only `iss` that is taken. */
  readonly issuer: string
  /** What must be among `aud`. */
  readonly audience: string | typeof ANY_AUDIENCE
  /** The issuer's keys. */
  readonly keys: KeySource
  /** What is no longer good; nothing when left out. */
  readonly revocations?: IssuerRules['revocations']
}

/**
 * Verifies access tokens of one issuer as RFC 9068 4 says.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option.
 */
export function createTokenVerifier ({ issuer, audience, keys, revocations, clockTolerance = 5, ...options }: TokenVerifierOptions): TokenVerifier {
  requireText(issuer, 'issuer')
  if (audience !== ANY_AUDIENCE) requireText(audience, 'audience')
  return createIssuersVerifier([accessTokenRules(Object.freeze({ issuer, audience, clockTolerance }), keys, revocations)], { clockTolerance, ...options })
}

/**
 * Verifies access tokens of several issuers: a token's `iss` chooses its rules, and with them its keys.
 * A token that was verified is remembered while its key is in `keys`; its times, and whether it was revoked, are looked at each time.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.8 RFC 8725, 3.8}
 */
export function createIssuersVerifier (issuers: readonly IssuerRules[], { clockTolerance = 5, cacheSize = 10_000, now = () => Date.now() / 1000 }: VerifierOptions = {}): TokenVerifier {
  requireNumber(clockTolerance, 'clockTolerance', 'a number of seconds from 0 to 60', value => value >= 0 && value <= 60)
  requireNumber(cacheSize, 'cacheSize', 'a whole number of tokens, 1 or more', value => Number.isSafeInteger(value) && value >= 1)

  const tolerance = Object.freeze({ clockTolerance })
  const cache = createTokenCache(cacheSize)
  const rulesFor = chooser(issuers)

  const holds = ({ key, rules: { keys }, verified }: CachedToken) => {
    const { claims } = verified
    const time = now()
    return keys.find(key.kid, key.alg) === key && !verified.isRevoked() && !isExpired(claims, tolerance, time) && !isEarly(claims, tolerance, time)
  }
  const accept = (jws: CompactJws, rules: IssuerRules, key: VerificationKey) => {
    const verified = new RememberedToken(jws.token, rules.requireClaims(jws, now()), rules.revocations)
    if (verified.isRevoked()) throw new InvalidTokenError('revoked')
    cache.add({ token: jws.token, key, rules, verified })
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
      const rules = rulesFor(jws)
      rules.requireHeader(jws.header)
      const key = requireSignature(jws, rules.keys)
      return key instanceof Promise ? key.then(key => accept(jws, rules, key)) : accept(jws, rules, key)
    }
  })
}

/** The rules of the issuer that a token names; where there is one issuer alone, its rules find out. */
function chooser (issuers: readonly IssuerRules[]): (jws: CompactJws) => IssuerRules {
  const [only, ...others] = issuers
  if (only !== undefined && others.length === 0) return () => only
  const byName = new Map<unknown, IssuerRules>(issuers.map(rules => [rules.issuer, rules]))
  return ({ payload }) => {
    const rules = byName.get(own(readJsonObject(payload), 'iss'))
    if (rules === undefined) throw new InvalidTokenError('issuer')
    return rules
  }
}

/** What may change of it is out of reach of who writes members into it. */
class RememberedToken implements VerifiedToken {
  readonly scopes: readonly string[]
  readonly boundTo: string | undefined
  // No log shall have it.
  readonly #text: string
  readonly #revocations: IssuerRules['revocations']
  #derived: unknown

  constructor (text: string, readonly claims: AccessTokenClaims, revocations: IssuerRules['revocations']) {
    this.scopes = scopeTokens(claims.scope ?? '')
    this.boundTo = claims.cnf?.jkt
    this.#text = text
    this.#revocations = revocations
    Object.freeze(this)
  }

  get text (): string { return this.#text }

  get derived (): unknown { return this.#derived }
  set derived (value) { this.#derived = value }

  isRevoked (): boolean { return this.#revocations?.isRevoked(this.claims) === true }
}

function requireText (value: unknown, option: string): void {
  if (typeof value !== 'string' || value === '') throw new OptionInvalidError(`${option}: write a string that is not empty.`)
}

function requireNumber (value: unknown, option: string, wanted: string, good: (value: number) => boolean): void {
  if (typeof value !== 'number' || !good(value)) throw new OptionInvalidError(`${option}: write ${wanted}.`)
}
