import { OptionInvalidError, ProviderUnavailableError } from '../errors.js'
import type { ReplayStorage } from '../replay/replay-storage.js'
import { createAssertionVerifier } from './client-assertion.js'
import type { CredentialProvider, Principal, RequestContext } from './provider.js'
import type { ClientRegistration } from './registration.js'
import { secretMatches } from './secret.js'
import { unlessAborted } from './unless-aborted.js'

/** A client as its credentials are checked against. */
interface ClientRecord extends ClientRegistration {
  readonly id: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly audiences: readonly string[]
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
 * Checks credentials against the store's clients: each proves itself in the one way that it was registered for, and by
 * its API key where it needs one. While a secret or key is rotated, the one before holds too. Whatever is wrong, the
 * answer is null after the same hashing work. Without `replays` no assertion is accepted.
 * @throws {FST_KEYHOLE_OPTION_INVALID} for what is no store.
 */
export function storeCredentialProvider (store: { readonly credentials: ClientCredentialStore, readonly replays?: ReplayStorage }): CredentialProvider {
  if (typeof store?.credentials?.find !== 'function') {
    throw new OptionInvalidError("storeCredentialProvider: pass the store, for example await openStore('sqlite:keyhole.db').")
  }
  const { credentials, replays } = store
  const verifyAssertion = replays === undefined ? undefined : createAssertionVerifier(replays)

  return Object.freeze<CredentialProvider>({
    checksAssertions: verifyAssertion !== undefined,

    async verify ({ clientId, clientSecret, apiKey, clientAssertion }, context) {
      const client = await available(context, () => credentials.find(clientId))
      const secretHolds = secretMatches('client_secret', clientSecret, client?.clientSecretHashes ?? [])
      const apiKeyHolds = secretMatches('api_key', apiKey, client?.apiKeyHashes ?? [])
      const assertionHolds = clientAssertion !== undefined && verifyAssertion !== undefined &&
        await available(context, () => verifyAssertion(clientAssertion, client, context))

      if (client === null || client.disabled || (client.requireApiKey && !apiKeyHolds)) return null
      if (client.authMethod === 'client_secret' ? !secretHolds : !assertionHolds) return null
      const { roles, claims, audiences, grants, resources, tokenLifetime, dpopBound } = client
      return { clientId: client.id, roles, claims, audiences, grants, resources, ...(tokenLifetime !== undefined && { tokenLifetime }), dpopBound } satisfies Principal
    }
  })
}

async function available<T> ({ signal }: RequestContext, work: () => Promise<T>): Promise<T> {
  try {
    signal.throwIfAborted()
    return await unlessAborted(signal, work())
  } catch (cause) {
    throw new ProviderUnavailableError({ cause })
  }
}
