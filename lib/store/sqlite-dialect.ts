import { setTimeout as sleep } from 'node:timers/promises'
import type { CompiledQuery, DatabaseConnection, Dialect, QueryResult } from 'kysely'
import type Libsql from 'libsql'
import { keepingStatements } from './kept-statements.js'

/** How long to wait for another connection that writes, and how often to look, in milliseconds. */
const PATIENCE = 5000
const POLL = 5

/**
 * Kysely's SQLite dialect for a file that several connections and processes write.
 * - Every write takes the lock first, with `begin immediate`: a transaction that reads and then writes would fail
 *   when another wrote in between.
 * - The migrator works in a transaction, which is its lock between processes.
 * - Closing waits for the work under way.
 * @param patience milliseconds to wait for another connection that writes
 */
export function sqliteDialect (kysely: typeof import('kysely'), database: Libsql.Database, patience = PATIENCE): Dialect {
  const begin = () => exec(database, 'begin immediate', patience)
  const commit = () => exec(database, 'commit')
  const rollback = async () => {
    // After some errors, such as a full disk, SQLite has rolled back by itself.
    if (database.inTransaction) await exec(database, 'rollback')
  }

  async function inTransaction<T> (work: () => Promise<T>): Promise<T> {
    await begin()
    try {
      const result = await work()
      await commit()
      return result
    } catch (error) {
      await rollback()
      throw error
    }
  }

  class Driver extends kysely.SqliteDriver {
    override async acquireConnection (): Promise<DatabaseConnection> {
      const connection = await super.acquireConnection()
      return {
        async executeQuery<R> (query: CompiledQuery): Promise<QueryResult<R>> {
          const run = () => connection.executeQuery<R>(query)
          const alone = !database.inTransaction && query.query.kind !== 'SelectQueryNode'
          return await (alone ? inTransaction(run) : untilFree(run))
        },
        streamQuery: connection.streamQuery.bind(connection)
      }
    }

    override beginTransaction = begin
    override commitTransaction = commit
    override rollbackTransaction = rollback

    /** Keeps the connection to itself for good: libsql ends the process when a closed database is asked for its transaction. */
    override async destroy (): Promise<void> {
      await super.acquireConnection()
      await super.destroy()
    }
  }

  class Adapter extends kysely.SqliteAdapter {
    override get supportsTransactionalDdl (): boolean { return true }
  }

  return {
    createDriver: () => new Driver({ database: keepingStatements(database) }),
    createAdapter: () => new Adapter(),
    createQueryCompiler: () => new kysely.SqliteQueryCompiler(),
    createIntrospector: db => new kysely.SqliteIntrospector(db)
  }
}

/**
 * Runs SQL that changes the state of the connection. Not as a prepared statement: one that fails with SQLITE_BUSY
 * stays in progress in libsql 0.5 until it is collected, and no commit succeeds before that.
 */
export async function exec (database: Libsql.Database, sql: string, patience = PATIENCE): Promise<void> {
  await untilFree(async () => { database.exec(sql) }, patience)
}

/**
 * Waits for the lock without blocking the process, as `busy_timeout` would: who holds it may be another connection
 * in this very process.
 */
async function untilFree<T> (work: () => Promise<T>, patience = PATIENCE): Promise<T> {
  const deadline = performance.now() + patience
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      await sleep(POLL)
    }
  }
}

function isBusy (error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')
}
