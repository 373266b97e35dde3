import { OptionInvalidError } from '../errors.js'
import type { ReplayStorage } from '../replay/replay-storage.js'
import { createAssertionVerifier } from './client-assertion.js'
import { reported } from './provider-event.js'
import type { CredentialProvider } from './provider.js'
import type { ClientRegistration } from './registration.js'
import { matchingHash } from './secret.js'

/** A client as its credentials are checked against. */
interface ClientRecord extends ClientRegistration {
  readonly id: string
  readonly roles: readonly string[]
  readonly claims: Readonly<Record<string, unknown>>
  readonly audiences: readonly string[]
  readonly disabled: boolean
  /** SHA-256 as base64url, newest first, without those that have expired; two at most count. */
  readonly clientSecretHashes: readonly string[]
  /** SHA-256 as base64url, newest first, without those that have expired; two at most count. */
  readonly apiKeyHashes: readonly string[]
}

/** Where the hashes of clients' credentials are kept. The store implements it. */
export interface ClientCredentialStore {
  /** The client of this id, or null. */
  find (clientId: string): Promise<ClientRecord | null>
  /** Notes that the secrets of these hashes were presented by their client. It returns at once; what fails is dropped. */
  noteUse? (clientId: string, hashes: readonly string[]): void
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
      return await reported({ provider: 'store', context }, async () => {
        const client = await credentials.find(clientId)
        const secretHash = matchingHash('client_secret', clientSecret, client?.clientSecretHashes ?? [])
        const apiKeyHash = matchingHash('api_key', apiKey, client?.apiKeyHashes ?? [])
        // Of a client that is disabled no keys are read: nobody is told that it is there.
        const assertionHolds = clientAssertion !== undefined && verifyAssertion !== undefined &&
          await verifyAssertion(clientAssertion, client?.disabled === true ? null : client, context)

        if (client === null || client.disabled || (client.requireApiKey && apiKeyHash === undefined)) return null
        if (client.authMethod === 'client_secret' ? secretHash === undefined : !assertionHolds) return null
        credentials.noteUse?.(client.id, [secretHash, apiKeyHash].filter(hash => hash !== undefined))
        const { roles, claims, audiences, grants, resources, tokenLifetime, dpopBound } = client
        return { clientId: client.id, roles, claims, audiences, grants, resources, ...(tokenLifetime !== undefined && { tokenLifetime }), dpopBound }
      })
    }
  })
}
