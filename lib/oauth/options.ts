import { MAX_LIFETIME } from '../access-token/profile.js'
import type { RevocationStorage } from '../access-token/revocation.js'
import { createAudit, type Audit, type AuditOptions } from '../audit/audit.js'
import type { TokenEndpointEvent } from '../audit/event.js'
import type { ProviderEvent } from '../credentials/provider-event.js'
import type { CredentialProvider } from '../credentials/provider.js'
import { checkedNonces, type DpopOptions, type NonceKeyStorage, type NonceSettings } from '../dpop/options.js'
import { OptionInvalidError } from '../errors.js'
import type { KeySettings } from '../keys/lifecycle.js'
import type { KeyStorage } from '../keys/storage.js'
import { checkedPolicy, type PolicyOption, type PolicyStore } from '../policy/policy-option.js'
import type { PolicySource } from '../policy/policy-source.js'
import type { Policy } from '../policy/policy.js'
import type { JsonSchema } from '../release/json-schema.js'
import { createMasks, type MaskOptions, type MaskRegistry } from '../release/masks.js'
import type { ReplayStorage } from '../replay/replay-storage.js'
import type { TrustedIssuer } from './delegated-subject.js'
import type { CustomGrant } from './grants/custom-grant.js'
import { checkedIssuer } from './issuer.js'
import { checkedKeys, type KeyOptions } from './key-options.js'
import { checkedLimits, type FailureLimit, type LimitOptions } from './limits.js'
import { checkedResourceScopes, checkedScopeLifetimes, isScopeList } from './scope-options.js'
import { checkedReuse, type ReuseOptions } from './token-reuse.js'

export interface TokenEndpointOptions extends MaskOptions {
  /**
   * The URL that names this authorization server: `iss` of its tokens, and the base of its endpoints' URLs.
   * https, http on loopback hosts only; no query, fragment or slash at its end.
   */
  readonly issuer: string
  /** The API that the tokens are for: their `aud`. */
  readonly audience: string
  /** A policy, the document to make one of, or where the document is kept: a file or a store. Default: what was published in `store`. */
  readonly policy?: PolicyOption
  /**
   * Where the signing keys are kept, of which the first one is made when there is none; revocations: without these there is no
   * revocation endpoint; and which proofs of possession were used, without which each process remembers its own.
   */
  readonly store: { readonly keys: KeyStorage, readonly revocations?: RevocationStorage, readonly replays?: ReplayStorage, readonly nonceKeys?: NonceKeyStorage } & Partial<PolicyStore>
  /** How the signing keys are made and rotated. Default: ES256, rotated by `keyhole keys rotate`. */
  readonly keys?: KeyOptions
  /** Checks clients' credentials. Default: what another plugin decorated as `fastify.credentialProvider`. */
  readonly credentialProvider?: CredentialProvider
  /** Gets what a provider did with each question. What it throws or rejects with is logged, and changes nothing else. Default: the log alone is told. */
  readonly onProvider?: (event: ProviderEvent) => unknown
  /**
   * An object schema of the clients' own claims, annotated with claim sets like a response; ANY_TOKEN is refused.
   * The answer carries the claims that the granted scopes read. Default: no claims.
   */
  readonly subjectClaims?: JsonSchema
  readonly paths?: TokenEndpointPaths
  /**
   * Issuers whose JWTs may stand for a client's secret, as its registration says, and, where they have `scopes`, be
   * exchanged for our tokens. Default: none.
   */
  readonly trustedIssuers?: readonly TrustedIssuer[]
  /** Grant types of your own. Default: none. */
  readonly grants?: readonly CustomGrant[]
  /** By audience, the scopes that mean something there; those of the policy. Default: all of them everywhere. */
  readonly resourceScopes?: Readonly<Record<string, readonly string[]>>
  /** Lifetime of an access token, in seconds, from 1 to 86,400; a principal may shorten its own. Default: 300. */
  readonly tokenLifetime?: number
  /** By scope of the policy, how long a token that holds it lives at most, in seconds, from 1 to 86,400. The shortest of all holds. Default: as `tokenLifetime`. */
  readonly scopeLifetimes?: Readonly<Record<string, number>>
  /**
   * Whether a client that asks again for the same gets its own token (`client_credentials`) again while that has so many
   * seconds left: one signature, and guards that remember it. Default: each request gets a new one.
   */
  readonly reuseTokens?: ReuseOptions
  /** How many failed authentications an address may have. Default: 10 a minute for each client, 100 for all. */
  readonly limits?: LimitOptions | false
  /** How proofs of possession are asked for. Default: one that is sent is checked, and binds the token. */
  readonly dpop?: DpopOptions
  /** Where to tell of each request for, or about, a token, once it is answered. Default: nowhere. */
  readonly audit?: AuditOptions<TokenEndpointEvent>
}

/** Paths of the endpoints. Where the metadata stands follows from the issuer (RFC 8414 3.1). */
export interface TokenEndpointPaths {
  /** Default: `/oauth2/token`. */
  readonly token?: string
  /** Default: `/oauth2/introspect`. */
  readonly introspect?: string
  /** Default: `/oauth2/revoke`. */
  readonly revoke?: string
  /** Default: `/oauth2/jwks`. */
  readonly jwks?: string
}

/** The options after checking, with their defaults. */
export interface TokenEndpointSettings extends Omit<TokenEndpointOptions, 'policy' | 'credentialProvider' | 'onProvider' | 'subjectClaims' | 'audit' | 'dpop' | 'keys' | 'limits' | 'resourceScopes' | 'scopeLifetimes' | 'reuseTokens' | keyof MaskOptions> {
  readonly policy: Policy | PolicySource
  readonly keys: KeySettings
  readonly credentialProvider: CredentialProvider | undefined
  readonly onProvider: ((event: ProviderEvent) => unknown) | undefined
  readonly subjectClaims: JsonSchema | undefined
  readonly masks: MaskRegistry
  readonly paths: Required<TokenEndpointPaths>
  readonly trustedIssuers: readonly TrustedIssuer[]
  readonly grants: readonly CustomGrant[]
  readonly resourceScopes: ReadonlyMap<string, readonly string[]>
  readonly tokenLifetime: number
  readonly scopeLifetimes: ReadonlyMap<string, number>
  readonly reuseTokens: ReuseOptions | undefined
  readonly limits: FailureLimit | undefined
  readonly nonces: NonceSettings
  readonly audit: Audit<TokenEndpointEvent> | undefined
}

const PATHS = { token: '/oauth2/token', introspect: '/oauth2/introspect', revoke: '/oauth2/revoke', jwks: '/oauth2/jwks' }
const NAMES = ['issuer', 'audience', 'policy', 'store', 'keys', 'credentialProvider', 'onProvider', 'subjectClaims', 'masks', 'maskKey', 'paths', 'trustedIssuers', 'grants', 'resourceScopes', 'tokenLifetime', 'scopeLifetimes', 'reuseTokens', 'limits', 'dpop', 'audit']

/**
 * Checks the options, one by one.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option and what to write.
 * @throws {FST_KEYHOLE_POLICY_INVALID}
 */
export function checkedOptions (options: TokenEndpointOptions): TokenEndpointSettings {
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) throw new OptionInvalidError(`${name}: tokenEndpoint has no such option; it has ${NAMES.join(', ')}.`)
  }
  const { audience, policy, store, credentialProvider, onProvider, subjectClaims, masks, maskKey, paths = {}, trustedIssuers = [], grants = [], tokenLifetime = 300 } = options
  const issuer = checkedIssuer(options.issuer)
  if (typeof audience !== 'string' || audience === '') {
    throw new OptionInvalidError("audience: write the URL of the API that the tokens are for, for example 'https://api.example.com'.")
  }
  if (typeof store?.keys?.list !== 'function') {
    throw new OptionInvalidError("store: pass the store that keeps the signing keys, for example await openStore('sqlite:keyhole.db').")
  }
  if (credentialProvider !== undefined) checkProvider(credentialProvider)
  if (onProvider !== undefined && typeof onProvider !== 'function') throw new OptionInvalidError('onProvider: write a function that takes an event.')
  if (!Number.isSafeInteger(tokenLifetime) || tokenLifetime < 1 || tokenLifetime > MAX_LIFETIME) {
    throw new OptionInvalidError(`tokenLifetime: write a whole number of seconds from 1 to ${MAX_LIFETIME}.`)
  }
  return {
    issuer,
    audience,
    policy: checkedPolicy(policy, store),
    store,
    keys: checkedKeys(options.keys),
    credentialProvider,
    onProvider,
    subjectClaims,
    masks: createMasks({ masks, maskKey }),
    paths: checkedPaths(paths),
    trustedIssuers: checkedTrustedIssuers(trustedIssuers),
    grants,
    resourceScopes: checkedResourceScopes(options.resourceScopes),
    tokenLifetime,
    scopeLifetimes: checkedScopeLifetimes(options.scopeLifetimes),
    reuseTokens: checkedReuse(options.reuseTokens, tokenLifetime),
    limits: checkedLimits(options.limits),
    nonces: checkedDpop(options),
    audit: createAudit(options.audit)
  }
}

/** @throws {FST_KEYHOLE_OPTION_INVALID} for what cannot verify credentials. */
export function checkProvider (provider: unknown): asserts provider is CredentialProvider {
  if (typeof (provider as Partial<CredentialProvider> | null | undefined)?.verify !== 'function') {
    throw new OptionInvalidError('credentialProvider: pass an object with a verify method, for example storeCredentialProvider(store), or register a plugin before this one that decorates fastify.credentialProvider.')
  }
}

/** What `createForeignIssuers` does not check itself. */
function checkedTrustedIssuers (issuers: readonly TrustedIssuer[]): readonly TrustedIssuer[] {
  if (!Array.isArray(issuers) || issuers.some(issuer => typeof issuer !== 'object' || issuer === null)) {
    throw new OptionInvalidError("trustedIssuers: write a list of issuers, [{ issuer: 'https://login.example.com' }].")
  }
  issuers.forEach(({ scopes, audience }: TrustedIssuer, index) => {
    if (scopes !== undefined && !isScopeList(scopes)) throw new OptionInvalidError(`trustedIssuers[${index}].scopes: write a list of the scopes that it may delegate.`)
    if (audience !== undefined && (typeof audience !== 'string' || audience === '')) throw new OptionInvalidError(`trustedIssuers[${index}].audience: write what its JWTs say in aud.`)
  })
  return issuers
}

function checkedDpop ({ dpop = {}, store }: TokenEndpointOptions): NonceSettings {
  if (typeof dpop !== 'object' || dpop === null || Object.keys(dpop).some(name => name !== 'nonce' && name !== 'nonceKey')) {
    throw new OptionInvalidError('dpop: write an object with nonce, nonceKey or both.')
  }
  return checkedNonces(dpop, store.nonceKeys !== undefined)
}

function checkedPaths (paths: TokenEndpointPaths): Required<TokenEndpointPaths> {
  for (const [name, path] of Object.entries(paths)) {
    if (!Object.hasOwn(PATHS, name)) throw new OptionInvalidError(`paths.${name}: there is no such path; there are ${Object.keys(PATHS).join(', ')}.`)
    if (typeof path !== 'string' || !/^(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9._~-]+)+$/.test(path)) {
      throw new OptionInvalidError(`paths.${name}: write a path like '/oauth2/${name}': letters, digits and . _ ~ - between slashes.`)
    }
  }
  const all = { ...PATHS, ...paths }
  const twice = Object.entries(all).find(([name, path]) => Object.entries(all).some(([other, its]) => other !== name && its === path))
  if (twice !== undefined) throw new OptionInvalidError(`paths.${twice[0]}: another path is the same; write different ones.`)
  return all
}
