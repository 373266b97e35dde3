import type { Nonces } from '../dpop/nonces.js'
import type { KeyStorage } from '../keys/storage.js'

/** What a test needs to know of a guard to make tokens that it takes. */
export interface GuardForTests {
  readonly issuer: string
  readonly audience: string
  /** Undefined where the guard knows the issuer's public keys alone. */
  readonly keys: KeyStorage | undefined
  /** Undefined where the guard cannot check proofs of possession. */
  readonly possession: { readonly baseUrl: string, readonly nonces: Nonces | undefined } | undefined
}

const guards = new WeakMap<object, GuardForTests[]>()

/** A guard makes itself known to tests of its application. @param server the HTTP server that all contexts share */
export function rememberGuard (server: object, guard: GuardForTests): void {
  guards.set(server, [...guardsOf(server), guard])
}

export function guardsOf (server: object): readonly GuardForTests[] {
  return guards.get(server) ?? []
}
