import { OptionInvalidError, ProviderUnavailableError } from '../errors.js'
import type { CredentialProvider, Principal } from './provider.js'
import { secretMatches } from './secret.js'
import { unlessAborted } from './unless-aborted.js'

/** A client as its credentials are checked against. */
interface ClientRecord {
  readonly id: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly audiences?: readonly string[]
  readonly disabled: boolean
  /** SHA-256 as base64url, newest first; two at most count. */
  readonly clientSecretHashes: readonly string[]
  /** SHA-256 as base64url, newest first; two at most count. */
  readonly apiKeyHashes: readonly string[]
}

/** Where the hashes of clients' credentials are kept. The store implements it. */
export interface ClientCredentialStore {
  /** The client of this id, or null. */
  find (clientId: string): Promise<ClientRecord | null>
}

/**
 * Checks credentials against the store's clients: id, secret and API key must all be right. While a secret or key is
 * rotated, the one before holds too. Whatever is wrong, the answer is null after the same hashing work.
 * @throws {FST_KEYHOLE_OPTION_INVALID} for what is no store.
 */
export function storeCredentialProvider (store: { readonly credentials: ClientCredentialStore }): CredentialProvider {
  if (typeof store?.credentials?.find !== 'function') {
    throw new OptionInvalidError("storeCredentialProvider: pass the store, for example await openStore('sqlite:keyhole.db').")
  }
  return Object.freeze<CredentialProvider>({
    async verify ({ clientId, clientSecret, apiKey }, { signal }) {
      const client = await load(store.credentials, clientId, signal)
      const secretHolds = secretMatches('client_secret', clientSecret, client?.clientSecretHashes ?? [])
      const apiKeyHolds = secretMatches('api_key', apiKey, client?.apiKeyHashes ?? [])
      if (client === null || client.disabled || !secretHolds || !apiKeyHolds) return null
      return { clientId: client.id, roles: client.roles, claims: client.claims, audiences: client.audiences ?? [] } satisfies Principal
    }
  })
}

async function load (credentials: ClientCredentialStore, clientId: string, signal: AbortSignal): Promise<ClientRecord | null> {
  try {
    signal.throwIfAborted()
    return await unlessAborted(signal, credentials.find(clientId))
  } catch (cause) {
    throw new ProviderUnavailableError({ cause })
  }
}
