import { databaseAt } from './database-at.js'
import { migrateToLatest, migrationState, type MigrationState } from './migrate.js'
import { MIGRATIONS } from './migrations.js'

/**
 * Tells which migrations the database of a store has gone through, and changes nothing.
 * @throws {FST_KEYHOLE_OPTION_INVALID} for what is no URL of a store.
 * @throws {FST_KEYHOLE_PEER_MISSING}, {FST_KEYHOLE_STORE_UNAVAILABLE} as `openStore` does.
 */
export async function checkMigrations (url: string): Promise<MigrationState> {
  const address = databaseAt(url)
  if (!address.exists()) return { applied: [], pending: Object.keys(MIGRATIONS), unknown: [] }
  const database = await address.openToRead()
  try {
    return await migrationState(database)
  } finally {
    await database.close()
  }
}

/**
 * Brings the tables of a store up to date, as opening it does: for those who do that ahead, with another user of the
 * database.
 * @returns the names of the migrations that were applied now
 * @throws {FST_KEYHOLE_OPTION_INVALID} for what is no URL of a store.
 * @throws {FST_KEYHOLE_PEER_MISSING}, {FST_KEYHOLE_STORE_UNAVAILABLE} as `openStore` does.
 */
export async function migrate (url: string): Promise<readonly string[]> {
  const database = await databaseAt(url).open()
  try {
    return await migrateToLatest(database)
  } finally {
    await database.close()
  }
}
