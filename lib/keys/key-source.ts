import type { KeyObject } from 'node:crypto'

/** Algorithms that we verify, one per key. */
export const ALGORITHMS = Object.freeze(['ES256', 'EdDSA', 'RS256', 'PS256'] as const)

export type Algorithm = typeof ALGORITHMS[number]

/** A public key with the one algorithm that it may be used with (RFC 8725 3.1). */
export interface VerificationKey {
  readonly kid: string | undefined
  readonly alg: Algorithm
  readonly publicKey: KeyObject
}

/** Where a verifier finds the issuer's keys. */
export interface KeySource {
  /**
   * The key for a token's protected header, or undefined: the key whose `kid` it names, or the only one when it names none.
   * @param alg chooses among keys of one `kid` (RFC 7517 4.5); the key's own may be another all the same
   */
  find (kid: string | undefined, alg?: unknown): VerificationKey | undefined
  /**
   * Reads the keys again where they can have changed, at a limited pace; resolves at once where they cannot.
   * A key that is still there stays the same object. Rejects when they cannot be read: the ones read before stay.
   */
  refresh (): Promise<void>
}
