import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Kysely } from 'kysely'
import type Libsql from 'libsql'
import { PeerMissingError } from '../errors.js'
import { exec, sqliteDialect } from './sqlite-dialect.js'
import type { Tables } from './tables.js'

const MEMORY = ':memory:'

/** The packages that SQLite needs. They are optional peers, so only this module and its callers after it may load them. */
interface SqlitePackages {
  readonly kysely: typeof import('kysely')
  readonly Database: typeof Libsql
}

/** @throws {FST_KEYHOLE_PEER_MISSING} when kysely or libsql is not installed. */
export async function loadSqlite (): Promise<SqlitePackages> {
  try {
    const [kysely, { default: Database }] = await Promise.all([import('kysely'), import('libsql')])
    return { kysely, Database }
  } catch (cause) {
    throw new PeerMissingError('openStore', 'kysely libsql', { cause })
  }
}

/** Opens a database file, or `:memory:`. A new file can be read by its owner alone: it holds private keys. */
export async function openSqlite ({ kysely, Database }: SqlitePackages, file: string): Promise<Kysely<Tables>> {
  // An absolute path, because libsql takes some others for URLs.
  const path = file === MEMORY ? MEMORY : resolve(file)
  // SQLite gives its -wal and -shm files the same mode.
  if (path !== MEMORY) closeSync(openSync(path, 'a', 0o600))

  const database = new Database(path)
  try {
    await exec(database, 'pragma journal_mode = wal')
    await exec(database, 'pragma foreign_keys = on')
    // What is deleted, a private key for one, is overwritten.
    await exec(database, 'pragma secure_delete = on')
  } catch (error) {
    database.close()
    throw error
  }
  return new kysely.Kysely<Tables>({ dialect: sqliteDialect(kysely, database) })
}
