import type { KeySource } from '../keys/key-source.js'
import type { AccessTokenClaims } from './claims.js'
import { readJsonObject, type CompactJws, type JsonObject } from './compact.js'
import { requireAccessTokenHeader, requireClaims, type Profile } from './profile.js'
import type { Revocations } from './revocation.js'

/** How access tokens of one issuer are verified. */
export interface IssuerRules {
  readonly issuer: string
  /** The issuer's keys: its tokens hold by these, and no other tokens do. */
  readonly keys: KeySource
  /** What is no longer good; nothing when undefined. */
  readonly revocations: Pick<Revocations, 'isRevoked'> | undefined
  /** @throws {InvalidTokenError} unless this is the header of an access token */
  requireHeader (header: JsonObject): void
  /**
   * The claims of a token whose signature holds.
   * @param now seconds since the epoch
   * @throws {InvalidTokenError} unless they are those of an access token for us that holds now
   */
  requireClaims (jws: CompactJws, now: number): AccessTokenClaims
}

/** The rules of RFC 9068 4. */
export function accessTokenRules (profile: Profile, keys: KeySource, revocations: IssuerRules['revocations']): IssuerRules {
  return Object.freeze<IssuerRules>({
    issuer: profile.issuer,
    keys,
    revocations,
    requireHeader: requireAccessTokenHeader,
    requireClaims: (jws, now) => requireClaims(readJsonObject(jws.payload), profile, now)
  })
}
