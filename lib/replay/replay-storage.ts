/** What is good for one use: a JWT that proves who a client is or what it may have, or a DPoP proof. */
export type ReplayKind = 'assertion' | 'dpop'

/** Remembers what was used, until it has expired. The store implements it, for every process that has it. */
export interface ReplayStorage {
  /**
   * Uses an identifier: true the first time, false from then on; of several callers at once, in whatever processes,
   * one gets true. It rejects when that cannot be told: then nothing may be accepted.
   * @param id whatever tells this one from all others, such as issuer and `jti`; of any length
   * @param expiresAt seconds since the epoch, the tolerance for clocks included: until then it is remembered
   */
  use (kind: ReplayKind, id: string, expiresAt: number): Promise<boolean>
}
