import type { ClientCredentialStore } from '../credentials/store-provider.js'
import type { KeyStorage } from '../keys/storage.js'
import type { PolicyDocument } from '../policy/document.js'
import type { PublishedPolicies } from '../policy/published-policy.js'

/** A client as the store shows it: never its secrets. Times are in seconds since the epoch. */
export interface Client {
  readonly id: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly disabled: boolean
  readonly createdAt: number
}

/** What is needed to create a client. */
export interface NewClient {
  /** 1 to 255 printable ASCII characters, without space at the ends (RFC 6749 A.1). */
  readonly id: string
  /** Names of roles in the policy, at least one. */
  readonly roles: readonly string[]
  /** The client's own claims, by field name: JSON. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** A secret in the generated format, for demos and for moving clients between stores; generated when absent. */
  readonly clientSecret?: string
  /** An API key in the generated format; generated when absent. */
  readonly apiKey?: string
}

/** The only time that the store shows these. */
export interface ClientWithCredentials extends Client {
  readonly clientSecret: string
  readonly apiKey: string
}

/**
 * The public side of the store's clients. Each method that names a client rejects with FST_KEYHOLE_CLIENT_UNKNOWN
 * when there is none, save `get`.
 */
export interface Clients {
  /**
   * Creates a client with a secret and an API key.
   * @throws {FST_KEYHOLE_OPTION_INVALID} naming each member that is wrong.
   * @throws {FST_KEYHOLE_CLIENT_EXISTS} when the id is taken, by a disabled client too.
   */
  create (client: NewClient): Promise<ClientWithCredentials>
  get (id: string): Promise<Client | null>
  /** All clients, by id. */
  list (): Promise<Client[]>
  /** The new secret; the one before stays valid until the next rotation. */
  rotateSecret (id: string): Promise<string>
  /** The new API key; the one before stays valid until the next rotation. */
  rotateApiKey (id: string): Promise<string>
  /** From now on its credentials are refused; tokens that it has stay good until they expire. */
  disable (id: string): Promise<void>
  /** Removes the client with its secrets and keys; its id is free again. */
  delete (id: string): Promise<void>
}

/** The policies that were published. */
export interface Policies extends PublishedPolicies {
  /**
   * Keeps this policy as the latest and gives its version, which is its id. Publishing the latest again changes
   * nothing; publishing an earlier one makes it the latest again.
   * @throws {FST_KEYHOLE_POLICY_INVALID} with every fault.
   */
  publish (document: PolicyDocument): Promise<string>
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
  readonly policies: Policies
  /** Closes the database; the store cannot be used any more. */
  close (): Promise<void>
}
