import type { OnChange } from '../look-again.js'
import type { AccessTokenClaims } from './claims.js'

/** What is no longer good, though its signature is. Times are in seconds since the epoch. */
export type Revocation =
  | { readonly kind: 'token', /** Its `jti`. */ readonly tokenId: string, readonly expiresAt: number }
  /** All tokens of a client whose `iat` is before a time. */
  | { readonly kind: 'client', readonly clientId: string, readonly issuedBefore: number, readonly expiresAt: number }

/** Where revocations are kept until what they revoke has expired. The store implements it. */
export interface RevocationStorage {
  /** Keeps a revocation; one that is there already is kept once. */
  add (revocation: Revocation): Promise<void>
  /**
   * What was added since an earlier call, in its order.
   * @param position what that call gave; 0 for all there are
   */
  since (position: number): Promise<{ readonly revocations: readonly Revocation[], readonly position: number }>
  /** Tells when one may have been added, in whatever process. */
  readonly onChange?: OnChange
}

/** The revocations that one process knows. */
export interface Revocations {
  isRevoked (claims: AccessTokenClaims): boolean
  /** Reads what was added. Rejects when the storage cannot be read: what is known stays. */
  refresh (): Promise<void>
}

/** How often what has expired is dropped, in seconds. */
const SWEEP = 60

/**
 * Reads all revocations.
 * @param now seconds since the epoch
 */
export async function readRevocations (storage: RevocationStorage, now = () => Date.now() / 1000): Promise<Revocations> {
  const tokens = new Map<string, number>()
  const clients = new Map<string, { readonly issuedBefore: number, readonly expiresAt: number }>()
  let position = 0
  let sweptAt = now()

  const keep = (revocation: Revocation) => {
    if (revocation.kind === 'token') {
      tokens.set(revocation.tokenId, revocation.expiresAt)
    } else {
      const { clientId, issuedBefore } = revocation
      if (issuedBefore > (clients.get(clientId)?.issuedBefore ?? -Infinity)) clients.set(clientId, revocation)
    }
  }
  const sweep = (time: number) => {
    if (time - sweptAt < SWEEP) return
    sweptAt = time
    for (const [tokenId, expiresAt] of tokens) if (expiresAt < time - SWEEP) tokens.delete(tokenId)
    for (const [clientId, { expiresAt }] of clients) if (expiresAt < time - SWEEP) clients.delete(clientId)
  }
  const refresh = async () => {
    const read = await storage.since(position)
    read.revocations.forEach(keep)
    position = Math.max(position, read.position)
    sweep(now())
  }

  await refresh()
  return Object.freeze({
    isRevoked ({ jti, client_id: clientId, iat }: AccessTokenClaims) {
      return tokens.has(jti) || iat < (clients.get(clientId)?.issuedBefore ?? -Infinity)
    },
    refresh
  })
}
