import { accessSync, closeSync, constants, existsSync, openSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Kysely } from 'kysely'
import type Libsql from 'libsql'
import { PeerMissingError } from '../errors.js'
import { reported, type Database } from './database.js'
import { exec, sqliteDialect } from './sqlite-dialect.js'
import type { Tables } from './tables.js'

const MEMORY = ':memory:'

/** The packages that SQLite needs. They are optional peers, so only this module and its callers after it may load them. */
interface SqlitePackages {
  readonly kysely: typeof import('kysely')
  readonly Database: typeof Libsql
}

/** @throws {FST_KEYHOLE_PEER_MISSING} when kysely or libsql is not installed. */
async function loadSqlite (): Promise<SqlitePackages> {
  try {
    const [kysely, { default: Database }] = await Promise.all([import('kysely'), import('libsql')])
    return { kysely, Database }
  } catch (cause) {
    throw new PeerMissingError('openStore', 'kysely libsql', { cause })
  }
}

/** Whether there is a file. */
export function sqliteExists (file: string): boolean {
  return file === MEMORY || existsSync(file)
}

/**
 * Opens a database file, or `:memory:`. A new file can be read by its owner alone: it holds private keys.
 * @param options.readsOnly whether what is there stays as it is, its journal mode too
 * @throws {FST_KEYHOLE_PEER_MISSING} when kysely or libsql is not installed.
 * @throws {FST_KEYHOLE_STORE_UNAVAILABLE} when it cannot be opened.
 */
export async function openSqlite (file: string, { readsOnly = false } = {}): Promise<Database> {
  const packages = await loadSqlite()
  const { kysely } = packages
  const closing: (() => Promise<void>)[] = []

  async function connect (readsOnly: boolean, patience?: number): Promise<Kysely<Tables>> {
    const database = await openFile(packages, file, readsOnly)
    const db = new kysely.Kysely<Tables>({ dialect: sqliteDialect(kysely, database, patience) })
    closing.push(async () => {
      await db.destroy()
      // Kysely closes none that was never used.
      database.close()
    })
    return db
  }

  const close = async () => { for (const work of closing) await work() }

  return await reported(file, async () => {
    try {
      const db = await connect(readsOnly)
      // A second connection to memory would be to another database; and who only looks needs one.
      const isOnly = file === MEMORY || readsOnly
      return {
        kind: 'sqlite',
        name: file,
        kysely: db,
        // Whoever writes waits for the lock, and keeps its connection meanwhile. In a write-ahead log, who reads waits for nobody.
        reading: isOnly ? db : await connect(true),
        impatient: isOnly ? db : await connect(false, 0),
        patiently: work => work(db),
        // Every transaction holds the lock on the whole file from its start.
        async lock () {},
        // Other processes look.
        async tell () {},
        listen () {},
        isLost: () => false,
        close
      }
    } catch (error) {
      await close()
      throw error
    }
  })
}

/**
 * Makes the file where there is none; SQLite gives its -wal and -shm files the same mode. One that is there must not be
 * opened: closing it again would drop every lock that this process has on it, so that the next process to close the
 * database takes itself for the last one, and deletes the -wal file with what was committed.
 * @see {@link https://www.sqlite.org/howtocorrupt.html#_posix_advisory_locks_canceled_by_a_separate_thread_doing_close_ How To Corrupt An SQLite Database File, 2.2}
 */
function requireFile (path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    if (statSync(path).isDirectory()) throw new Error('EISDIR: it is a folder')
    accessSync(path, constants.R_OK | constants.W_OK)
  }
}

async function openFile ({ Database }: SqlitePackages, file: string, readsOnly: boolean): Promise<Libsql.Database> {
  // An absolute path, because libsql takes some others for URLs.
  const path = file === MEMORY ? MEMORY : resolve(file)
  if (path !== MEMORY) requireFile(path)

  const database = new Database(path)
  try {
    await exec(database, readsOnly ? 'pragma query_only = on' : 'pragma journal_mode = wal')
    await exec(database, 'pragma foreign_keys = on')
    // What is deleted, a private key for one, is overwritten.
    await exec(database, 'pragma secure_delete = on')
  } catch (error) {
    database.close()
    throw error
  }
  return database
}
