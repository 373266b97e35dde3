import { OptionInvalidError } from '../errors.js'
import { createSealer, type KeyEncryption, type Sealer } from '../keys/sealing.js'
import { clientCredentials } from './client-credentials.js'
import { clients } from './clients.js'
import { createQueries } from './database.js'
import { databaseAt } from './database-at.js'
import { migrateToLatest } from './migrate.js'
import { nonceKeys } from './nonce-keys.js'
import { policies } from './policies.js'
import { replays } from './replays.js'
import { revocations } from './revocations.js'
import { signingKeys } from './signing-keys.js'
import type { Store } from './store.js'

export interface StoreOptions {
  /** How the issuer's private keys are encrypted in the store. Default: not at all; what stands here and is undefined, as a variable of the environment may be, is refused. Whoever only verifies tokens needs none. */
  readonly keyEncryption?: KeyEncryption | undefined
}

/**
 * Opens the store, makes it where there is none, and brings its tables up to date.
 * @param url `sqlite:FILE` (the folder must exist), `sqlite::memory:`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`
 *   as pg takes it (the database must exist).
 * @throws {FST_KEYHOLE_OPTION_INVALID} for any other URL, and for wrong options.
 * @throws {FST_KEYHOLE_PEER_MISSING} when kysely is not installed, or libsql or pg.
 * @throws {FST_KEYHOLE_STORE_UNAVAILABLE} when the database cannot be opened, or a later version has changed it.
 */
export async function openStore (url: string, options: StoreOptions = {}): Promise<Store> {
  const address = databaseAt(url)
  const sealer = sealerOf(options)
  const database = await address.open()
  try {
    await migrateToLatest(database)
  } catch (error) {
    await database.close()
    throw error
  }

  const queries = createQueries(database)
  return Object.freeze<Store>({
    clients: clients(queries),
    credentials: clientCredentials(queries),
    keys: signingKeys(queries, sealer),
    nonceKeys: nonceKeys(queries),
    policies: policies(queries),
    revocations: revocations(queries),
    replays: replays(queries),
    close: queries.close
  })
}

/** An environment variable that is not set must not leave the keys open. */
function sealerOf (options: StoreOptions): Sealer {
  const [unknown] = Object.keys(options).filter(name => name !== 'keyEncryption')
  if (unknown !== undefined) throw new OptionInvalidError(`openStore: there is no option ${unknown}; there is keyEncryption.`)
  return createSealer('keyEncryption' in options ? options.keyEncryption ?? '' : undefined)
}
