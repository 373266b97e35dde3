import type { JWK } from './jwk.js'

/** A signing key as a store keeps it. */
export interface StoredKey {
  readonly kid: string
  readonly alg: string
  readonly privateJwk: JWK
  /** Seconds since the epoch. */
  readonly createdAt: number
}

/** Where a key ring keeps its keys. The store implements it. */
export interface KeyStorage {
  /** All keys that may still verify tokens, newest first. */
  list (): Promise<StoredKey[]>
  /** Keeps this key unless one is there already; of several callers, in whatever process, exactly one wins. */
  addFirst (key: StoredKey): Promise<void>
}
