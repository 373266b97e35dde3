import type { SecretKind } from '../credentials/secret.js'
import type { ClientCredentialStore } from '../credentials/store-provider.js'
import { clientOf } from './clients.js'
import type { Query } from './tables.js'

/** The store's clients with the hashes of their credentials. */
export function clientCredentials (query: Query): ClientCredentialStore {
  return Object.freeze<ClientCredentialStore>({
    async find (clientId) {
      return await query(async db => {
        const rows = await db.selectFrom('clients')
          .leftJoin('client_secrets', 'client_secrets.client_id', 'clients.id')
          .selectAll('clients').select(['client_secrets.kind', 'client_secrets.hash'])
          .where('clients.id', '=', clientId)
          .orderBy('client_secrets.position')
          .execute()
        const [first] = rows
        if (first === undefined) return null
        const hashes = (kind: SecretKind) => rows.flatMap(row => row.kind === kind && row.hash !== null ? [row.hash] : [])
        return { ...clientOf(first), clientSecretHashes: hashes('client_secret'), apiKeyHashes: hashes('api_key') }
      })
    }
  })
}
