import type { CompiledQuery, DatabaseConnection, Dialect, Driver, QueryResult } from 'kysely'
import type Pg from 'pg'

/** Commands that say how many rows they wrote. */
const WRITING = ['INSERT', 'UPDATE', 'DELETE']

/**
 * Kysely's PostgreSQL dialect on a pool of pg. Unlike Kysely's own driver it gives no connection back to the pool of
 * which it cannot be told in what state it is: one that broke, timed out, or ends at a server that only reads.
 * @param isLost whether the connection is no longer good for anything after an error
 */
export function postgresDialect (kysely: typeof import('kysely'), pool: Pg.Pool, isLost: (error: unknown) => boolean): Dialect {
  const { CompiledQuery, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler } = kysely
  const run = (command: string) => async (connection: DatabaseConnection) => { await connection.executeQuery(CompiledQuery.raw(command)) }

  class PoolDriver implements Driver {
    async init (): Promise<void> {}

    async acquireConnection (): Promise<PoolConnection> {
      return new PoolConnection(await pool.connect(), isLost)
    }

    beginTransaction = run('begin')
    commitTransaction = run('commit')
    rollbackTransaction = run('rollback')

    async releaseConnection (connection: PoolConnection): Promise<void> {
      connection.release()
    }

    async destroy (): Promise<void> {
      await pool.end()
    }
  }

  return {
    createDriver: () => new PoolDriver(),
    createAdapter: () => new PostgresAdapter(),
    createQueryCompiler: () => new PostgresQueryCompiler(),
    createIntrospector: db => new PostgresIntrospector(db)
  }
}

/** A connection for as long as it is taken from the pool. */
class PoolConnection implements DatabaseConnection {
  readonly #client: Pg.PoolClient
  readonly #isLost: (error: unknown) => boolean
  #loss: Error | undefined

  constructor (client: Pg.PoolClient, isLost: (error: unknown) => boolean) {
    this.#client = client
    this.#isLost = isLost
    // Between two statements nobody else would hear of it, and the process would end.
    client.on('error', this.#lose)
  }

  readonly #lose = (error: Error) => { this.#loss ??= error }

  async executeQuery<R> ({ sql, parameters }: CompiledQuery): Promise<QueryResult<R>> {
    // A rollback, for one, would wait for an answer that does not come.
    if (this.#loss !== undefined) throw this.#loss
    try {
      const { command, rowCount, rows } = await this.#client.query(sql, [...parameters])
      return { rows, ...(WRITING.includes(command) && { numAffectedRows: BigInt(Number(rowCount)) }) }
    } catch (error) {
      if (this.#isLost(error)) this.#lose(error as Error)
      throw error
    }
  }

  streamQuery (): AsyncIterableIterator<never> {
    throw new Error('the store streams no rows')
  }

  release (): void {
    this.#client.off('error', this.#lose)
    this.#client.release(this.#loss)
  }
}
