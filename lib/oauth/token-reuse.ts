import { LRUCache } from 'lru-cache'
import type { IssuedToken, TokenIssuer, TokenRequest } from '../access-token/issue.js'
import type { Revocations } from '../access-token/revocation.js'
import type { TokenVerifier } from '../access-token/verified-token.js'
import { OptionInvalidError } from '../errors.js'

/** When a client gets the token again that it got before. */
export interface ReuseOptions {
  /** How many seconds a token must have left, at least. Whole, at least 1 and less than `tokenLifetime`. */
  readonly remaining: number
}

/** @throws {FST_KEYHOLE_OPTION_INVALID} naming the member and what to write. */
export function checkedReuse (options: ReuseOptions | undefined, tokenLifetime: number): ReuseOptions | undefined {
  if (options === undefined) return undefined
  const wanted = `write { remaining }, a whole number of seconds from 1 to ${tokenLifetime - 1}, less than tokenLifetime`
  if (typeof options !== 'object' || options === null || Object.keys(options).join() !== 'remaining') throw new OptionInvalidError(`reuseTokens: ${wanted}.`)
  const { remaining } = options
  if (!Number.isSafeInteger(remaining) || remaining < 1 || remaining >= tokenLifetime) throw new OptionInvalidError(`reuseTokens.remaining: ${wanted}.`)
  return { remaining }
}

interface TokenReuseDeps extends ReuseOptions {
  readonly tokenIssuer: TokenIssuer
  /** For our own tokens, whatever they are for. */
  readonly verifier: TokenVerifier
  /** Undefined where nothing can be revoked. */
  readonly revocations: Pick<Revocations, 'refresh'> | undefined
  /** Seconds since the epoch. */
  readonly now?: () => number
  /** How many tokens are remembered, at most: of more, those that were not asked for longest are forgotten. */
  readonly size?: number
}

/** Issues tokens, or gives one again that says the same. */
export interface TokenReuse {
  /**
   * @param policy the version of the policy that decided on the request
   * @throws what the issuer throws
   */
  issue (request: TokenRequest, policy: string): Promise<IssuedToken>
}

/**
 * Gives a token again for a request that is the same in everything a token says, its lifetime and the policy included,
 * while that token holds and has enough time left. Whether it was revoked is read from the storage each time; where
 * that cannot be told, there is a new one.
 */
export function createTokenReuse ({ remaining, tokenIssuer, verifier, revocations, now = () => Date.now() / 1000, size = 10_000 }: TokenReuseDeps): TokenReuse {
  const issued = new LRUCache<string, IssuedToken>({ max: size })

  const stillHolds = async ({ token }: IssuedToken): Promise<boolean> => {
    try {
      await revocations?.refresh()
      await verifier.verify(token)
      return true
    } catch {
      return false
    }
  }

  return Object.freeze({
    async issue (request: TokenRequest, policy: string) {
      const key = keyOf(request, policy)
      const known = issued.get(key)
      if (known !== undefined && await stillHolds(known)) {
        const expiresIn = Math.floor(known.claims.exp - now())
        if (expiresIn >= remaining) return { ...known, expiresIn }
      }
      const fresh = await tokenIssuer.issue(request)
      issued.set(key, fresh)
      return fresh
    }
  })
}

/** Each member has its place, so no two requests have one key. */
function keyOf ({ subject, clientId, audience, scopes, roles, act, boundTo, lifetime }: TokenRequest, policy: string): string {
  return JSON.stringify([subject, clientId, audience, scopes, roles, act, boundTo, lifetime, policy])
}
