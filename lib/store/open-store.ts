import { OptionInvalidError, StoreUnavailableError } from '../errors.js'
import { createSealer, type KeyEncryption, type Sealer } from '../keys/sealing.js'
import { clientCredentials } from './client-credentials.js'
import { clients } from './clients.js'
import { migrateToLatest } from './migrations.js'
import { nonceKeys } from './nonce-keys.js'
import { policies } from './policies.js'
import { replays } from './replays.js'
import { revocations } from './revocations.js'
import { signingKeys } from './signing-keys.js'
import { loadSqlite, openSqlite } from './sqlite.js'
import type { Store } from './store.js'
import type { Query } from './tables.js'

const SQLITE = 'sqlite:'

export interface StoreOptions {
  /** How the issuer's private keys are encrypted in the store. Default: not at all; what stands here and is undefined, as a variable of the environment may be, is refused. Whoever only verifies tokens needs none. */
  readonly keyEncryption?: KeyEncryption | undefined
}

/**
 * Opens the store, makes it where there is none, and brings its tables up to date.
 * @param url `sqlite:FILE` (the folder must exist) or `sqlite::memory:`.
 * @throws {FST_KEYHOLE_OPTION_INVALID} for any other URL, and for wrong options.
 * @throws {FST_KEYHOLE_PEER_MISSING} when kysely or libsql is not installed.
 * @throws {FST_KEYHOLE_STORE_UNAVAILABLE} when the database cannot be opened.
 */
export async function openStore (url: string, options: StoreOptions = {}): Promise<Store> {
  const file = fileOf(url)
  const sealer = sealerOf(options)
  const sqlite = await loadSqlite()
  const reporting = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (cause) {
      throw new StoreUnavailableError(`${file}: ${(cause as Error).message}`, { cause })
    }
  }

  const db = await reporting(() => openSqlite(sqlite, file))
  let closed = false
  const query: Query = async work => {
    if (closed) throw new StoreUnavailableError(`${file}: it was closed.`)
    return await reporting(() => work(db))
  }
  const close = async () => {
    closed = true
    await db.destroy()
  }

  try {
    await query(migrateToLatest)
  } catch (error) {
    await close()
    throw error
  }
  return Object.freeze({
    clients: clients(query),
    credentials: clientCredentials(query),
    keys: signingKeys(query, sealer),
    nonceKeys: nonceKeys(query),
    policies: policies(query),
    revocations: revocations(query),
    replays: replays(query),
    close
  })
}

/** An environment variable that is not set must not leave the keys open. */
function sealerOf (options: StoreOptions): Sealer {
  const [unknown] = Object.keys(options).filter(name => name !== 'keyEncryption')
  if (unknown !== undefined) throw new OptionInvalidError(`openStore: there is no option ${unknown}; there is keyEncryption.`)
  return createSealer('keyEncryption' in options ? options.keyEncryption ?? '' : undefined)
}

function fileOf (url: string): string {
  const file = typeof url === 'string' && url.startsWith(SQLITE) ? url.slice(SQLITE.length) : ''
  if (file === '' || file.startsWith('//')) {
    throw new OptionInvalidError("openStore: write 'sqlite:FILE', such as 'sqlite:keyhole.db' or 'sqlite:/var/lib/app/keyhole.db', or 'sqlite::memory:'")
  }
  return file
}
