import { OptionInvalidError } from '../errors.js'
import type { Database } from './database.js'
import { openPostgres, postgresName } from './postgres.js'
import { openSqlite, sqliteExists } from './sqlite.js'

const SQLITE = 'sqlite:'
const POSTGRES = /^postgres(?:ql)?:\/\//

/** A database that can be opened. */
export interface DatabaseAddress {
  /** Whether there may be something to open: a file that is missing would be made. */
  exists (): boolean
  /** @throws {FST_KEYHOLE_PEER_MISSING}, {FST_KEYHOLE_STORE_UNAVAILABLE} */
  open (): Promise<Database>
  /** The same for who only reads: the database stays as it is. */
  openToRead (): Promise<Database>
}

/**
 * @param writtenAs what the URL is called where it was written
 * @throws {FST_KEYHOLE_OPTION_INVALID} for what is no URL of a database; it may hold a password, and is not shown.
 */
export function databaseAt (url: string, writtenAs = 'openStore'): DatabaseAddress {
  if (typeof url === 'string' && POSTGRES.test(url)) {
    const name = postgresName(url, writtenAs)
    const open = () => openPostgres(url, name)
    return { exists: () => true, open, openToRead: open }
  }
  const file = typeof url === 'string' && url.startsWith(SQLITE) ? url.slice(SQLITE.length) : ''
  if (file === '' || file.startsWith('//')) {
    throw new OptionInvalidError(`${writtenAs}: write 'sqlite:FILE', such as 'sqlite:keyhole.db' or 'sqlite:/var/lib/app/keyhole.db', 'sqlite::memory:', or 'postgres://USER:PASSWORD@HOST:PORT/DATABASE'`)
  }
  return { exists: () => sqliteExists(file), open: () => openSqlite(file), openToRead: () => openSqlite(file, { readsOnly: true }) }
}
