import type { RevocationStorage } from '../../lib/access-token/revocation.js'
import { createAudit, type Audit, type AuditOptions } from '../../lib/audit/audit.js'
import type { GuardedRequestEvent } from '../../lib/audit/event.js'
import { resourceMetadataPath } from '../../lib/bearer/resource-metadata.js'
import { checkedNonces, type DpopOptions, type NonceKeyStorage, type NonceSettings } from '../../lib/dpop/options.js'
import { normalizedTarget } from '../../lib/dpop/target.js'
import { OptionInvalidError } from '../../lib/errors.js'
import type { ObservedEvent } from '../../lib/observe/observed-event.js'
import { readObservation, type Observation, type ObserveOptions } from '../../lib/observe/observation.js'
import { checkedGuardIssuers, type GuardIssuerOption } from '../../lib/issuers/guard-issuer.js'
import { checkJwks } from '../../lib/issuers/issuer-option.js'
import type { JWKSet } from '../../lib/keys/jwk.js'
import type { KeyStorage } from '../../lib/keys/storage.js'
import { checkedIssuer } from '../../lib/oauth/issuer.js'
import { checkedPolicy, type PolicyOption, type PolicyStore } from '../../lib/policy/policy-option.js'
import type { PolicySource } from '../../lib/policy/policy-source.js'
import type { Policy } from '../../lib/policy/policy.js'
import type { ReplayStorage } from '../../lib/replay/replay-storage.js'
import { createMasks, type MaskOptions, type MaskRegistry } from '../../lib/release/masks.js'

export interface ResourceGuardOptions extends MaskOptions {
  /** The `iss` whose tokens are taken: the URL of the authorization server. May be left out where there are `issuers`. */
  readonly issuer?: string
  /** This API: what must be among `aud` of a token of `issuer`. */
  readonly audience?: string
  /** A policy, the document to make one of, or where the document is kept: a file or a store. Default: what was published in `store`. */
  readonly policy?: PolicyOption
  /** Where the issuer's keys and revocations are kept, when it is one of ours; of these the guard writes nothing. Which proofs of possession were used is kept there too. Either this or `jwks`. */
  readonly store?: { readonly keys: KeyStorage, readonly revocations?: RevocationStorage, readonly replays?: ReplayStorage, readonly nonceKeys?: NonceKeyStorage } & Partial<PolicyStore>
  /** The issuer's public keys, or the URL of its key set. Either this or `store`. */
  readonly jwks?: JWKSet | string
  /** Other issuers whose tokens are taken, each by its own keys. */
  readonly issuers?: readonly GuardIssuerOption[]
  /** By how many seconds the issuer's clock and ours may differ, 0 to 60. Default: 5. */
  readonly clockTolerance?: number
  /** How tokens that are bound to a key are taken, and whether others are. */
  readonly dpop?: GuardDpopOptions
  /** Whether the metadata of this resource is served (RFC 9728), and challenges name it. Default: where `audience` is a URL. */
  readonly resourceMetadata?: boolean
  /** Where to tell of each request to a guarded route, once it is answered. Default: nowhere. */
  readonly audit?: AuditOptions<GuardedRequestEvent>
  /** Until when nothing is withheld, but only told what would be. Token, scopes and what may be written are checked all the same. Default: nothing is only observed. */
  readonly observe?: ObserveOptions
  /** Gets what enforcing would change for clients of observed routes, each such change once a minute at most. */
  readonly onObserved?: (event: ObservedEvent) => void
}

/** How the guard takes tokens that are bound to a key (RFC 9449). */
export interface GuardDpopOptions extends DpopOptions {
  /** Whether only tokens that are bound to a key are taken; a route may say otherwise. Default: false. */
  readonly required?: boolean
  /**
   * Where clients see the root of this application: the origin, and the path that a proxy takes away. Proofs are compared
   * with it; what a `Host` header says is nothing to go by. Default: the origin of `audience`, where that is a URL.
   */
  readonly baseUrl?: string
}

/** The issuer of the options `issuer`, `audience`, `store` and `jwks`. */
export interface OwnIssuer {
  readonly issuer: string
  readonly audience: string
  readonly keys: { readonly store: KeyStorage } | { readonly jwks: JWKSet | string }
}

/** The options after checking. */
export interface ResourceGuardSettings {
  readonly own: OwnIssuer | undefined
  readonly issuers: readonly GuardIssuerOption[]
  /** This API, as the first of the issuers names it. */
  readonly audience: string
  readonly policy: Policy | PolicySource
  readonly revocations: RevocationStorage | undefined
  readonly clockTolerance: number
  readonly dpop: DpopSettings
  /** Where the metadata of this resource stands; undefined where it is not served. */
  readonly metadataPath: string | undefined
  readonly masks: MaskRegistry
  readonly audit: Audit<GuardedRequestEvent> | undefined
  readonly observation: Observation | undefined
  readonly onObserved: ((event: ObservedEvent) => void) | undefined
}

interface DpopSettings {
  readonly required: boolean
  /** Undefined where proofs cannot be checked. */
  readonly baseUrl: string | undefined
  readonly nonces: NonceSettings
  readonly nonceKeys: NonceKeyStorage | undefined
  readonly replays: ReplayStorage | undefined
}

const NAMES = ['issuer', 'audience', 'policy', 'store', 'jwks', 'issuers', 'clockTolerance', 'dpop', 'resourceMetadata', 'masks', 'maskKey', 'audit', 'observe', 'onObserved']

/**
 * Checks the options, one by one; `clockTolerance` and `jwks` are checked by those who use them.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option and what to write.
 * @throws {FST_KEYHOLE_POLICY_INVALID}
 */
export function checkedOptions (options: ResourceGuardOptions): ResourceGuardSettings {
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) throw new OptionInvalidError(`${name}: resourceGuard has no such option; it has ${NAMES.join(', ')}.`)
  }
  const { policy, store, clockTolerance = 5, masks, maskKey, onObserved } = options
  const issuers = options.issuers === undefined ? [] : checkedGuardIssuers(options.issuers)
  const own = checkedOwn(options)
  if (issuers.some(({ issuer }) => issuer === own?.issuer)) throw new OptionInvalidError(`issuers: '${own!.issuer}' is the option issuer already; write it once.`)
  const { audience } = own ?? issuers[0]!
  if (onObserved !== undefined && typeof onObserved !== 'function') throw new OptionInvalidError('onObserved: write a function that takes an event.')
  return { own, issuers, audience, policy: checkedPolicy(policy, store), revocations: store?.revocations, clockTolerance, dpop: checkedDpop(options, audience), metadataPath: checkedMetadataPath(options, audience), masks: createMasks({ masks, maskKey }), audit: createAudit(options.audit), observation: checkedObservation(options.observe), onObserved }
}

/** None where there are other issuers, and nothing is said of one's own. */
function checkedOwn ({ issuers, audience, store, jwks, ...options }: ResourceGuardOptions): OwnIssuer | undefined {
  if (issuers !== undefined && [options.issuer, audience, store, jwks].every(option => option === undefined)) return undefined
  const issuer = checkedIssuer(options.issuer)
  if (typeof audience !== 'string' || audience === '') {
    throw new OptionInvalidError("audience: write the URL of this API as its tokens name it, for example 'https://api.example.com'.")
  }
  if ((store === undefined) === (jwks === undefined)) {
    throw new OptionInvalidError('store: pass either the store that the token endpoint uses, or jwks, the public keys of the issuer.')
  }
  if (jwks !== undefined) {
    checkJwks(jwks, 'jwks')
    return { issuer, audience, keys: { jwks } }
  }
  if (typeof store?.keys?.list !== 'function') {
    throw new OptionInvalidError("store: pass the store that keeps the signing keys, for example await openStore('sqlite:keyhole.db').")
  }
  return { issuer, audience, keys: { store: store.keys } }
}

const DPOP_NAMES = ['required', 'baseUrl', 'nonce', 'nonceKey']

function checkedDpop ({ dpop = {}, store }: ResourceGuardOptions, audience: string): DpopSettings {
  if (typeof dpop !== 'object' || dpop === null) throw new OptionInvalidError(`dpop: write an object with ${DPOP_NAMES.join(', ')}.`)
  const unknown = Object.keys(dpop).find(name => !DPOP_NAMES.includes(name))
  if (unknown !== undefined) throw new OptionInvalidError(`dpop.${unknown}: there is no such member; there are ${DPOP_NAMES.join(', ')}.`)
  const { required = false, baseUrl } = dpop
  if (typeof required !== 'boolean') throw new OptionInvalidError('dpop.required: write true or false.')
  const base = baseUrl === undefined ? originOf(audience) : checkedBaseUrl(baseUrl)
  if (required && base === undefined) throw new OptionInvalidError("dpop.baseUrl: write where clients see the root of this application, for example 'https://api.example.com'; the audience is no URL.")
  return { required, baseUrl: base, nonces: checkedNonces(dpop, store?.nonceKeys !== undefined), nonceKeys: store?.nonceKeys, replays: store?.replays }
}

function originOf (audience: string): string | undefined {
  const url = normalizedTarget(audience)
  return url === undefined ? undefined : new URL(url).origin
}

function checkedBaseUrl (baseUrl: unknown): string {
  const url = typeof baseUrl === 'string' && !/[?#]/.test(baseUrl) ? normalizedTarget(baseUrl) : undefined
  if (url === undefined) throw new OptionInvalidError("dpop.baseUrl: write a URL without query and fragment, for example 'https://api.example.com'.")
  return url.replace(/\/+$/, '')
}

function checkedMetadataPath ({ resourceMetadata }: ResourceGuardOptions, audience: string): string | undefined {
  if (resourceMetadata !== undefined && typeof resourceMetadata !== 'boolean') throw new OptionInvalidError('resourceMetadata: write true or false.')
  if (resourceMetadata === false) return undefined
  const path = resourceMetadataPath(audience)
  if (resourceMetadata === true && path === undefined) throw new OptionInvalidError('resourceMetadata: the audience is no URL whose metadata could be found. Write one with letters, digits and . _ ~ - between slashes, or leave resourceMetadata out.')
  return path
}

function checkedObservation (given: unknown): Observation | undefined {
  const observation = given === undefined ? undefined : readObservation(given, Date.now())
  if (typeof observation === 'string') throw new OptionInvalidError(observation)
  return observation
}
