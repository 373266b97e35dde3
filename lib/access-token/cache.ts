import type { VerificationKey } from '../keys/key-source.js'
import type { IssuerRules } from './issuer-rules.js'
import type { VerifiedToken } from './verified-token.js'

/** A token that was verified, and the key that signed it. */
export interface CachedToken {
  readonly token: string
  readonly key: VerificationKey
  /** Those of its issuer. */
  readonly rules: IssuerRules
  readonly verified: VerifiedToken
}

/** Verified tokens by their text. Only what was verified goes in, so nobody without a valid token can push one out. */
interface TokenCache {
  get (token: string): CachedToken | undefined
  add (entry: CachedToken): void
}

/** The end of a token, which is that of its signature, as a number: a text of 1,000 characters takes far longer to look up. */
function keyOf (token: string): number {
  let key = 0
  for (let index = token.length - 8; index < token.length; index++) key = (Math.imul(key, 31) + token.charCodeAt(index)) & 0x3fffffff
  return key
}

/**
 * Holds the newest tokens. Of two that have the same key by chance, one in a billion pairs, it holds the newer.
 * @param size most tokens held; one more puts out the oldest
 */
export function createTokenCache (size: number): TokenCache {
  const entries = new Map<number, CachedToken>()
  // A map is slow to find its oldest key once many before it were deleted.
  const keys: number[] = []
  let oldest = 0
  return {
    get (token) {
      const entry = entries.get(keyOf(token))
      return entry?.token === token ? entry : undefined
    },
    add (entry) {
      const key = keyOf(entry.token)
      if (!entries.has(key)) {
        if (keys.length === size) entries.delete(keys[oldest]!)
        keys[oldest] = key
        oldest = (oldest + 1) % size
      }
      entries.set(key, entry)
    }
  }
}
