import type { KeyStorage } from '../keys/storage.js'
import type { PolicyDocument } from '../policy/document.js'

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
  readonly id: string
  readonly roles: readonly string[]
  readonly claims?: Readonly<Record<string, unknown>>
}

/** The only time that the store shows these. */
export interface ClientWithCredentials extends Client {
  readonly clientSecret: string
  readonly apiKey: string
}

/** The public side of the store's clients. */
export interface Clients {
  create (client: NewClient): Promise<ClientWithCredentials>
  get (id: string): Promise<Client | null>
  list (): Promise<Client[]>
  /** The new secret; the one before stays valid until the next rotation. */
  rotateSecret (id: string): Promise<string>
  rotateApiKey (id: string): Promise<string>
  disable (id: string): Promise<void>
  delete (id: string): Promise<void>
}

/** The policies that were published, newest last; filled by later features. */
export interface Policies {
  publish (document: PolicyDocument): Promise<string>
  latest (): Promise<PolicyDocument | null>
}

/** One SQL store: clients, signing keys, policies. */
export interface Store {
  readonly clients: Clients
  readonly keys: KeyStorage
  readonly policies: Policies
  close (): Promise<void>
}
