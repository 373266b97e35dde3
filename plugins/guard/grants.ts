import type { VerifiedToken } from '../../lib/access-token/verified-token.js'
import type { PolicySnapshot } from '../../lib/policy/snapshot.js'
import type { Release, Serialize } from '../../lib/release/release.js'

/** What somebody without a token may read. */
export const NO_CLAIM_SETS: ReadonlySet<string> = new Set()

/**
 * What one token may read and write under one policy; kept with the token while that is cached. It keeps neither the
 * policy nor serializers alive: thousands of tokens that were used under policies of the past would hold thousands of them.
 */
export class Grants {
  readonly scopes: readonly string[]
  readonly readable: ReadonlySet<string>
  readonly writable: ReadonlySet<string>
  private readonly serializers = new Map<Release, WeakRef<Serialize>>()

  static of (verified: VerifiedToken, policy: PolicySnapshot): Grants {
    const known = verified.derived
    if (known instanceof Grants && known.version === policy.version) return known
    const grants = new Grants(verified.scopes, policy)
    verified.derived = grants
    return grants
  }

  private readonly version: string

  private constructor (scopes: readonly string[], policy: PolicySnapshot) {
    this.version = policy.version
    this.scopes = Object.freeze(scopes.filter(scope => Object.hasOwn(policy.document.scopes, scope)))
    this.readable = policy.readableBy(scopes)
    this.writable = policy.writableBy(scopes)
  }

  serializerFor (release: Release): Serialize {
    const known = this.serializers.get(release)?.deref()
    if (known !== undefined) return known
    const serialize = release.serializerFor(this.readable)
    this.serializers.set(release, new WeakRef(serialize))
    return serialize
  }
}
