import type { Kysely } from 'kysely'
import type { SecretKind } from '../credentials/secret.js'
import type { ClientCredentialStore } from '../credentials/store-provider.js'
import { purgeExpired } from './client-secrets.js'
import { registeredClient } from './clients.js'
import type { Queries } from './database.js'
import { isClientId } from './new-client.js'
import { timestamp, type Tables } from './tables.js'

/** How often the use of a secret is written, and what has expired is dropped, in seconds. */
const PAUSE = 60

/** The store's clients with the hashes of their credentials. */
export function clientCredentials ({ read, inPassing }: Queries): ClientCredentialStore {
  /** By hash, when its use was last written by this process. */
  let noted = new Map<string, number>()
  let sweptAt = -Infinity
  let compiled: ReturnType<typeof compileFind> | undefined

  async function write (clientId: string, hashes: readonly string[], now: number): Promise<void> {
    const isDue = now - sweptAt >= PAUSE
    if (isDue) {
      sweptAt = now
      noted = new Map([...noted].filter(([, at]) => now - at < PAUSE))
    }
    await inPassing(db => db.updateTable('client_secrets').set({ last_used_at: now })
      .where('client_id', '=', clientId).where('hash', 'in', hashes)
      .where(eb => eb.or([eb('last_used_at', 'is', null), eb('last_used_at', '<=', now - PAUSE)])).execute())
    if (isDue) await inPassing(db => purgeExpired(db))
  }

  return Object.freeze<ClientCredentialStore>({
    async find (clientId) {
      if (!isClientId(clientId)) return null
      return await read(async db => {
        compiled ??= compileFind(db)
        const asked: typeof compiled = { ...compiled, parameters: [clientId] }
        const { rows } = await db.executeQuery(asked)
        const [first] = rows
        if (first === undefined) return null
        const now = timestamp()
        const hashes = (kind: SecretKind) => rows.flatMap(row =>
          row.kind === kind && row.hash !== null && (row.expires_at === null || row.expires_at > now) ? [row.hash] : [])
        return { ...registeredClient(first), clientSecretHashes: hashes('client_secret'), apiKeyHashes: hashes('api_key') }
      })
    },

    noteUse (clientId, hashes) {
      const now = timestamp()
      const due = hashes.filter(hash => now - (noted.get(hash) ?? -Infinity) >= PAUSE)
      if (due.length === 0) return
      for (const hash of due) noted.set(hash, now)
      // Nobody waits for it, and nothing depends on it.
      write(clientId, due, now).catch(() => {})
    }
  })
}

/** Each token request asks this: it is put together once. Its one parameter is the client's id. */
function compileFind (db: Kysely<Tables>) {
  return db.selectFrom('clients')
    .leftJoin('client_secrets', 'client_secrets.client_id', 'clients.id')
    .selectAll('clients').select(['client_secrets.kind', 'client_secrets.hash', 'client_secrets.expires_at'])
    .where('clients.id', '=', '')
    .orderBy('client_secrets.position')
    .compile()
}
