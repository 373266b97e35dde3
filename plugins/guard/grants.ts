import type { VerifiedToken } from '../../lib/access-token/verified-token.js'
import type { PolicySnapshot } from '../../lib/policy/snapshot.js'
import type { Release, Serialize } from '../../lib/release/release.js'

/** What somebody without a token may read. */
export const NO_CLAIM_SETS: ReadonlySet<string> = new Set()

/** How many lists of scopes are remembered under one policy; a token may order its scopes as it likes. */
const REMEMBERED = 1000

/** By the scopes, in their order: tokens that were never seen before mostly carry those of others. */
const remembered = new WeakMap<PolicySnapshot, Map<string, Grants>>()

/**
 * What these scopes may read and write under one policy; kept with a token while that is cached. It keeps neither the
 * policy nor serializers alive: thousands of tokens that were used under policies of the past would hold thousands of them.
 */
export class Grants {
  readonly scopes: readonly string[]
  readonly readable: ReadonlySet<string>
  readonly writable: ReadonlySet<string>
  private readonly serializers = new Map<Release, WeakRef<Serialize>>()

  static of (verified: VerifiedToken, policy: PolicySnapshot): Grants {
    const { derived } = verified
    if (derived instanceof Grants && derived.version === policy.version) return derived
    const grants = grantsUnder(policy, verified.scopes)
    verified.derived = grants
    return grants
  }

  private readonly version: string

  constructor (scopes: readonly string[], policy: PolicySnapshot) {
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

function grantsUnder (policy: PolicySnapshot, scopes: readonly string[]): Grants {
  let ofPolicy = remembered.get(policy)
  if (ofPolicy === undefined) remembered.set(policy, ofPolicy = new Map())
  const name = scopes.join(' ')
  const grants = ofPolicy.get(name) ?? new Grants(scopes, policy)
  if (ofPolicy.size < REMEMBERED) ofPolicy.set(name, grants)
  return grants
}
