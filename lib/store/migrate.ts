import type { Kysely } from 'kysely'
import { reported, type Database } from './database.js'
import { MIGRATIONS, migrationsFor } from './migrations.js'
import { SCHEMA } from './tables.js'

/** Which migrations a database has gone through, each by its name, in their order. */
export interface MigrationState {
  readonly applied: readonly string[]
  /** Those that it needs for this version. */
  readonly pending: readonly string[]
  /** Those of a later version: this one cannot use the database. */
  readonly unknown: readonly string[]
}

/** @throws {FST_KEYHOLE_STORE_UNAVAILABLE} */
export async function migrationState (database: Database): Promise<MigrationState> {
  return await reported(database.name, () => stateOf(database, database.kysely))
}

/**
 * Brings the tables up to date; of several processes that start at once, one does it and the others wait. Where there
 * is nothing to do, nothing is written.
 * @returns the names of those that were applied now
 * @throws {FST_KEYHOLE_STORE_UNAVAILABLE} also for a database of a later version.
 */
export async function migrateToLatest (database: Database): Promise<readonly string[]> {
  return await reported(database.name, async () => {
    const { pending, unknown } = await stateOf(database, database.kysely)
    if (unknown.length > 0) throw new Error(`a later version of fastify-keyhole changed its tables (${unknown.join(', ')}). Update this one, or restore a backup from before`)
    return pending.length === 0 ? [] : await database.patiently(db => run(database, db))
  })
}

async function run ({ kind }: Database, db: Kysely<any>): Promise<readonly string[]> {
  const { Migrator } = await import('kysely')
  const schema = kind === 'postgres' ? { migrationTableSchema: SCHEMA } : {}
  const { error, results = [] } = await new Migrator({ db, provider: { getMigrations: async () => migrationsFor(kind) }, ...schema }).migrateToLatest()
  if (error !== undefined) throw error
  return results.map(({ migrationName }) => migrationName)
}

async function stateOf ({ kind }: Database, db: Kysely<any>): Promise<MigrationState> {
  const { DEFAULT_MIGRATION_TABLE } = await import('kysely')
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  const exists = tables.some(({ name, schema }) => name === DEFAULT_MIGRATION_TABLE && (kind === 'sqlite' || schema === SCHEMA))
  const rows = exists ? await db.selectFrom(DEFAULT_MIGRATION_TABLE).select('name').orderBy('name').execute() : []
  const applied = rows.map(({ name }): string => name)
  const known = Object.keys(MIGRATIONS)
  return {
    applied: applied.filter(name => known.includes(name)),
    pending: known.filter(name => !applied.includes(name)),
    unknown: applied.filter(name => !known.includes(name))
  }
}
