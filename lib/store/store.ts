import type { RevocationStorage } from '../access-token/revocation.js'
import type { AuthMethod, ClientRegistration, FederatedIdentity } from '../credentials/registration.js'
import type { ClientCredentialStore } from '../credentials/store-provider.js'
import type { NonceKeyStorage } from '../dpop/options.js'
import type { JWKSet } from '../keys/jwk.js'
import type { KeyStorage } from '../keys/storage.js'
import type { PolicyDocument } from '../policy/document.js'
import type { PublishedPolicies } from '../policy/published-policy.js'
import type { ReplayStorage } from '../replay/replay-storage.js'

/** A client as it was registered. Times are in seconds since the epoch. */
export interface RegisteredClient extends ClientRegistration {
  readonly id: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  /** What it is itself, as a protected resource: it may introspect tokens for these audiences. */
  readonly audiences: readonly string[]
  readonly disabled: boolean
  readonly createdAt: number
}

/** A client as the store shows it: never its secrets. */
export interface Client extends RegisteredClient {
  /** Its client secrets, newest first: one, or two while they are rotated. */
  readonly clientSecrets: readonly SecretState[]
  /** Its API keys, newest first: one, or two while they are rotated. */
  readonly apiKeys: readonly SecretState[]
}

/** What may be told of a secret or API key. Times are in seconds since the epoch. */
export interface SecretState {
  readonly createdAt: number
  /** From when on it is refused; null for never. It is dropped some time after. */
  readonly expiresAt: number | null
  /** When a client last proved itself with it, to the minute; null when none has. */
  readonly lastUsedAt: number | null
}

/** How a secret or API key is rotated. */
export interface Rotation {
  /** For how many seconds the one before stays valid; 0: it is refused from now on. Default: until the next rotation. */
  readonly keepPreviousFor?: number
  /** When the new one expires, in seconds since the epoch. Default: never. */
  readonly expiresAt?: number
}

/** What is needed to create a client. */
export interface NewClient {
  /** 1 to 255 printable ASCII characters, without space at the ends (RFC 6749 A.1), and no URL with a `|` in it. */
  readonly id: string
  /** Names of roles in the policy, at least one. */
  readonly roles: readonly string[]
  /** The client's own claims, by field name: JSON. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** For a protected resource: the audiences that it is, whose tokens it may introspect (RFC 7662) and exchange (RFC 8693). Default: none. */
  readonly audiences?: readonly string[]
  /** The one way in which it proves itself. Default: `client_secret`. */
  readonly authMethod?: AuthMethod
  /** A secret in the generated format, for demos and for moving clients between stores; generated when absent. */
  readonly clientSecret?: string
  /** When the secret expires, in seconds since the epoch (`client_secret_expires_at` of RFC 7591). Default: never. */
  readonly clientSecretExpiresAt?: number
  /** Its public keys, 16 at most: for `private_key_jwt`. */
  readonly jwks?: JWKSet
  /** In place of `jwks`: the URL where it publishes them (RFC 7591 2, `jwks_uri`). https, http on loopback hosts only. */
  readonly jwksUrl?: string
  /** Whose JWT stands for it: for `federated`. */
  readonly federated?: FederatedIdentity
  /** Whether it needs an API key as well. Default: true with `client_secret`, else false. */
  readonly requireApiKey?: boolean
  /** An API key in the generated format; generated when absent. */
  readonly apiKey?: string
  /** When the API key expires, in seconds since the epoch. Default: never. */
  readonly apiKeyExpiresAt?: number
  /** Grant types that it may use. Default: `client_credentials`. */
  readonly grants?: readonly string[]
  /** Further audiences that it may ask tokens for: absolute URIs (RFC 8707). Default: that of the endpoint alone. */
  readonly resources?: readonly string[]
  /** Lifetime of its tokens, in seconds, from 1 to 86,400; never longer than the endpoint's. Default: the endpoint's. */
  readonly tokenLifetime?: number
  /** Whether it gets no token but one that is bound to its key (RFC 9449 5.2). Default: false. */
  readonly dpopBound?: boolean
}

/**
 * What of a client may change; what is left out stays. Its id, the way in which it proves itself, its secret and its API
 * keys are not among it.
 */
export interface ClientChanges extends Omit<NewClient, 'id' | 'roles' | 'authMethod' | 'clientSecret' | 'clientSecretExpiresAt' | 'apiKey' | 'apiKeyExpiresAt' | 'tokenLifetime'> {
  readonly roles?: readonly string[]
  /** Takes the place of `jwksUrl`. */
  readonly jwks?: JWKSet
  /** Takes the place of `jwks`. */
  readonly jwksUrl?: string
  /** In seconds; null for that of the endpoint. */
  readonly tokenLifetime?: number | null
}

/** A client with a secret and an API key, as most are. */
export interface NewClientWithSecret extends NewClient {
  readonly authMethod?: 'client_secret'
  readonly requireApiKey?: true
}

/** What a new client must know to prove itself. This is the only time that the store shows it. */
export interface IssuedCredentials {
  /** Of `client_secret`. */
  readonly clientSecret?: string
  /** Where it needs one. */
  readonly apiKey?: string
}

/** A new client with its credentials. */
export interface CreatedClient extends Client, IssuedCredentials {}

/** A client after a change; with its API key where it was told to need one and had none that was good, which is shown this once. */
export interface UpdatedClient extends Client, Pick<IssuedCredentials, 'apiKey'> {}

export interface ClientWithCredentials extends CreatedClient {
  readonly clientSecret: string
  readonly apiKey: string
}

/**
 * The public side of the store's clients. Each method that names a client rejects with FST_KEYHOLE_CLIENT_UNKNOWN
 * when there is none, save `get`.
 */
export interface Clients {
  /**
   * Creates a client, and the secret and API key that it needs.
   * @throws {FST_KEYHOLE_OPTION_INVALID} naming each member that is wrong.
   * @throws {FST_KEYHOLE_CLIENT_EXISTS} when the id is taken, by a disabled client too.
   */
  create (client: NewClientWithSecret): Promise<ClientWithCredentials>
  create (client: NewClient): Promise<CreatedClient>
  /**
   * Creates many clients, all of them or none, a few hundred in memory at a time. On SQLite nobody else can write meanwhile:
   * what `clients` and `onCreated` write to the same store fails after five seconds, and so does reading one in memory.
   * @param onCreated is told the credentials of each client before any is kept: they are good once this resolves, and
   *   worth nothing when it rejects
   * @returns how many there were
   * @throws {FST_KEYHOLE_OPTION_INVALID} naming each member of a client that is wrong.
   * @throws {FST_KEYHOLE_CLIENT_EXISTS} when an id is taken, or stands twice; `clientId` has it. What `clients` or `onCreated` throws goes through.
   */
  createAll (clients: Iterable<NewClient> | AsyncIterable<NewClient>, onCreated: (credentials: IssuedCredentials & { readonly id: string }) => void | Promise<void>): Promise<number>
  get (id: string): Promise<Client | null>
  /** All clients, by id. */
  list (): Promise<Client[]>
  /**
   * Changes a client, from its next request on. Tokens that it has stay as they are, until they expire or are revoked.
   * @throws {FST_KEYHOLE_OPTION_INVALID} naming each member that is wrong; nothing was changed then.
   */
  update (id: string, changes: ClientChanges): Promise<UpdatedClient>
  /**
   * The new secret; the one before stays valid until the next rotation, or for as long as `rotation` says.
   * @throws {FST_KEYHOLE_OPTION_INVALID} for a client that proves itself in another way, and for wrong members of `rotation`.
   */
  rotateSecret (id: string, rotation?: Rotation): Promise<string>
  /**
   * The new API key; the one before stays valid until the next rotation, or for as long as `rotation` says.
   * @throws {FST_KEYHOLE_OPTION_INVALID} for a client that needs none, and for wrong members of `rotation`.
   */
  rotateApiKey (id: string, rotation?: Rotation): Promise<string>
  /** From now on its credentials are refused, and within two seconds its tokens, by every guard with this store. */
  disable (id: string): Promise<void>
  /** Removes the client with its secrets and keys, and revokes its tokens; its id is free again. */
  delete (id: string): Promise<void>
  /**
   * Revokes the tokens that a client was issued before a time: within two seconds every guard with this store refuses them.
   * @param before seconds since the epoch; now, when left out: then those too that are issued within the same second
   */
  revokeTokens (id: string, before?: number): Promise<void>
}

/** A policy that was published. */
export interface PublishedPolicy {
  /** `sha256-…` of the document. */
  readonly version: string
  /** When it was published last, in seconds since the epoch. */
  readonly publishedAt: number
}

export interface PublishOptions {
  /** The version that has to be the latest for this one to take its place; null where there has to be none. Default: whatever there is. */
  readonly ifVersion?: string | null
}

/** The policies that were published. */
export interface Policies extends PublishedPolicies {
  /**
   * Keeps this policy as the latest and gives its version, which is its id. Publishing the latest again changes
   * nothing; publishing an earlier one makes it the latest again.
   * @throws {FST_KEYHOLE_POLICY_INVALID} with every fault.
   * @throws {FST_KEYHOLE_POLICY_CHANGED} when the latest is not `ifVersion`; nothing is published.
   */
  publish (document: PolicyDocument, options?: PublishOptions): Promise<string>
  /** The policy of a version, or null when none such was published. */
  get (version: string): Promise<PolicyDocument | null>
  /** Every version once, the latest first. */
  history (): Promise<PublishedPolicy[]>
}

/**
 * One SQL store: clients, signing keys, policies. Every method rejects with FST_KEYHOLE_STORE_UNAVAILABLE when the
 * database fails or the store was closed.
 */
export interface Store {
  readonly clients: Clients
  /** For `storeCredentialProvider`: clients with the hashes of their credentials. */
  readonly credentials: ClientCredentialStore
  /** For the plugins: the issuer's signing keys, private parts included. */
  readonly keys: KeyStorage
  /** For the plugins: the secret that nonces are made with. */
  readonly nonceKeys: NonceKeyStorage
  readonly policies: Policies
  /** Tokens that are no longer good. */
  readonly revocations: RevocationStorage
  /** What was good for one use, and was used. */
  readonly replays: ReplayStorage
  /** Closes the database; the store cannot be used any more. */
  close (): Promise<void>
}
