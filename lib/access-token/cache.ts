import type { VerificationKey } from '../keys/key-source.js'
import type { VerifiedToken } from './verified-token.js'

/** A token that was verified, and the key that signed it. */
export interface CachedToken {
  readonly token: string
  readonly key: VerificationKey
  readonly verified: VerifiedToken
}

/** Verified tokens by their text. Only what was verified goes in, so nobody without a valid token can push one out. */
interface TokenCache {
  get (token: string): CachedToken | undefined
  add (entry: CachedToken): void
}

// The end of the signature: 192 bits that no two tokens share by chance, hashed a quarter as fast as 1,000 characters.
const ENDING = -32

/**
 * Holds the newest tokens.
 * @param size most tokens held; one more puts out the oldest
 */
export function createTokenCache (size: number): TokenCache {
  const entries = new Map<string, CachedToken>()
  return {
    get (token) {
      const entry = entries.get(token.slice(ENDING))
      return entry?.token === token ? entry : undefined
    },
    add (entry) {
      const ending = entry.token.slice(ENDING)
      entries.delete(ending)
      if (entries.size >= size) entries.delete(entries.keys().next().value as string)
      entries.set(ending, entry)
    }
  }
}
