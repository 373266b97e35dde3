import type { CompiledQuery, DatabaseConnection, Dialect, QueryResult } from 'kysely'
import type Libsql from 'libsql'
import { keepingStatements } from './kept-statements.js'
import { inTime, PATIENCE, untilFree } from './patience.js'

/**
 * Kysely's SQLite dialect for a file that several connections and processes write.
 * - Every write takes the lock first, with `begin immediate`: a transaction that reads and then writes would fail
 *   when another wrote in between.
 * - Whoever waits, for the connection and then for the lock, does so for as long as patience lasts, not each in turn.
 * - The migrator works in a transaction, which is its lock between processes.
 * - Closing waits for the work under way.
 * @param patience milliseconds to wait for others that write
 */
export function sqliteDialect (kysely: typeof import('kysely'), database: Libsql.Database, patience = PATIENCE): Dialect {
  /** What the wait for the connection left of the patience of whoever has it. */
  let left = patience

  const begin = () => exec(database, 'begin immediate', left)
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
      const askedAt = performance.now()
      const connection = await inTime(super.acquireConnection(), patience, () => { super.releaseConnection() })
      left = patience - (performance.now() - askedAt)
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
