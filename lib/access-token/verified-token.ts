import type { AccessTokenClaims } from './claims.js'

/** A token whose signature and claims hold. One object per token while it is cached: its claims are frozen. */
export interface VerifiedToken {
  /** As it was presented, to verify it again. */
  readonly text: string
  readonly claims: AccessTokenClaims
  /** The scope tokens of `scope`, each once; only those that keep to the grammar of RFC 6749 3.3. */
  readonly scopes: readonly string[]
  /** The thumbprint of the key whose possession has to be proven with each use; undefined for a bearer token. */
  readonly boundTo: string | undefined
  /** What the guard derives from the scopes under a policy; it lives and dies with this object. */
  derived: unknown
  /** Whether it was revoked by now, alone or with all of its client. */
  isRevoked (): boolean
}

/** Verifies access tokens of one issuer for one audience. */
export interface TokenVerifier {
  /** The verified token, when this very text was verified before and still holds. */
  recall (token: string): VerifiedToken | undefined
  /**
   * The verified token: at once when it is cached or its key was used before; else after the key was prepared,
   * and after the keys were read again when it is unknown.
   * @throws {InvalidTokenError} for every token that does not hold, whatever is wrong with it. What the source of the
   *   keys throws goes through: its key is unknown, and whether there is a newer one cannot be told.
   */
  verify (token: string): VerifiedToken | Promise<VerifiedToken>
}
