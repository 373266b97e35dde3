import type { Kysely } from 'kysely'
import type Pg from 'pg'
import { OptionInvalidError, PeerMissingError } from '../errors.js'
import type { Database } from './database.js'
import { postgresDialect } from './postgres-dialect.js'
import { CHANNEL, postgresListener } from './postgres-listener.js'
import { SCHEMA, type Tables } from './tables.js'

/** Milliseconds that a statement may take, its wait for locks included; and then its answer to get here. */
const STATEMENT = 5000
const ANSWER = 6000

/** The same of a migration, which may go through large tables, or wait for another process's. */
const MIGRATION = 600_000

/** Milliseconds to get a connection, and those that a transaction may stand still for: it may hold what others wait for. */
const CONNECT = 5000
const STANDSTILL = 10_000

/** Connections that a store uses at most, besides the one that listens. */
const CONNECTIONS = 10

/** The type number of `bigint`, of which pg makes text: ours are times, and exact as numbers. */
const BIGINT = 20

/**
 * Connection exceptions (08); the server goes down, comes up or ended the session (57P0x, 25P03); a standby is where the
 * primary was (25006).
 * @see {@link https://www.postgresql.org/docs/current/errcodes-appendix.html PostgreSQL error codes}
 */
const LOST = /^(?:08|57P0|25P03|25006)/

/** The packages that PostgreSQL needs. They are optional peers, so only this module and its callers after it may load them. */
interface PostgresPackages {
  readonly kysely: typeof import('kysely')
  readonly pg: typeof Pg
}

/** @throws {FST_KEYHOLE_PEER_MISSING} when kysely or pg is not installed. */
async function loadPostgres (): Promise<PostgresPackages> {
  try {
    const [kysely, { default: pg }] = await Promise.all([import('kysely'), import('pg')])
    return { kysely, pg }
  } catch (cause) {
    throw new PeerMissingError('openStore', 'kysely pg', { cause })
  }
}

/**
 * Opens a PostgreSQL database, which is connected to when it is first used.
 * @param name what messages call it
 * @throws {FST_KEYHOLE_PEER_MISSING} when kysely or pg is not installed.
 */
export async function openPostgres (url: string, name: string): Promise<Database> {
  const { kysely, pg } = await loadPostgres()

  // What stands in the URL goes before what stands here.
  const settings = (statement: number, answer: number): Pg.ClientConfig => ({
    connectionString: url,
    application_name: 'fastify-keyhole',
    connectionTimeoutMillis: CONNECT,
    statement_timeout: statement,
    query_timeout: answer,
    idle_in_transaction_session_timeout: STANDSTILL,
    keepAlive: true,
    types: { getTypeParser: (type: number, format?: 'text' | 'binary') => type === BIGINT ? Number : pg.types.getTypeParser(type, format) }
  })
  const isLost = (error: unknown) => !(error instanceof pg.DatabaseError) || LOST.test(String(error.code))
  const open = (config: Pg.PoolConfig): Kysely<Tables> => {
    const pool = new pg.Pool({ ...config, allowExitOnIdle: true })
    // A connection that breaks while nobody uses it is replaced by the next that is needed.
    pool.on('error', () => {})
    return new kysely.Kysely<Tables>({ dialect: postgresDialect(kysely, pool, isLost) }).withSchema(SCHEMA)
  }

  const db = open({ ...settings(STATEMENT, ANSWER), max: CONNECTIONS })
  const listener = postgresListener(stream => new pg.Client({ ...settings(STATEMENT, ANSWER), stream }))

  return {
    kind: 'postgres',
    name,
    kysely: db,
    reading: db,
    impatient: db,
    async patiently (work) {
      const patient = open({ ...settings(MIGRATION, MIGRATION), max: 1 })
      try {
        return await work(patient)
      } finally {
        await patient.destroy()
      }
    },
    async lock (trx, table) {
      await kysely.sql`lock table ${kysely.sql.id(SCHEMA, table)} in share row exclusive mode`.execute(trx)
    },
    async tell (trx, table) {
      await kysely.sql`select pg_notify(${CHANNEL}, ${table})`.execute(trx)
    },
    listen: listener.listen,
    isLost,
    async close () {
      await listener.close()
      await db.destroy()
    }
  }
}

/**
 * The address without what may be secret.
 * @param writtenAs what the URL is called where it was written
 * @throws {FST_KEYHOLE_OPTION_INVALID} where it cannot be told where the password ends: then nothing of the URL is shown.
 */
export function postgresName (given: string, writtenAs: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined
  if (url === undefined || url.hash !== '' || /[/@]/.test(url.pathname.slice(1)) || url.search.includes('@')) {
    throw new OptionInvalidError(`${writtenAs}: write 'postgres://USER:PASSWORD@HOST:PORT/DATABASE', and in user and password everything but letters and digits as %XX`)
  }
  return `${url.protocol}//${url.host}${url.pathname}`
}
