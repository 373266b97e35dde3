import type { VerifiedToken } from '../../lib/access-token/verified-token.js'
import type { PolicySnapshot } from '../../lib/policy/snapshot.js'
import type { Release, Serialize } from '../../lib/release/release.js'

/** What somebody without a token may read. */
export const NO_CLAIM_SETS: ReadonlySet<string> = new Set()

/** What one token may read and write under one policy; kept with the token while that is cached. */
export class Grants {
  readonly scopes: readonly string[]
  readonly readable: ReadonlySet<string>
  readonly writable: ReadonlySet<string>
  private readonly serializers = new Map<Release, Serialize>()

  static of (verified: VerifiedToken, policy: PolicySnapshot): Grants {
    const known = verified.derived
    if (known instanceof Grants && known.policy === policy) return known
    const grants = new Grants(verified.scopes, policy)
    verified.derived = grants
    return grants
  }

  private constructor (scopes: readonly string[], private readonly policy: PolicySnapshot) {
    this.scopes = Object.freeze(scopes.filter(scope => Object.hasOwn(policy.document.scopes, scope)))
    this.readable = policy.readableBy(scopes)
    this.writable = policy.writableBy(scopes)
  }

  serializerFor (release: Release): Serialize {
    let serialize = this.serializers.get(release)
    if (serialize === undefined) {
      serialize = release.serializerFor(this.readable)
      this.serializers.set(release, serialize)
    }
    return serialize
  }
}
