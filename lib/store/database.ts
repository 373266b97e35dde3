import type { Kysely, Transaction } from 'kysely'
import { StoreUnavailableError } from '../errors.js'
import type { OnChange } from '../look-again.js'
import type { Tables } from './tables.js'

/** The databases that the store knows. */
export type DatabaseKind = 'sqlite' | 'postgres'

/** Tables that others follow. */
export type Followed = 'policies' | 'revocations' | 'signing_keys'

/** A database that is open. */
export interface Database {
  readonly kind: DatabaseKind
  /** Where it is, for messages: never with a password. */
  readonly name: string
  readonly kysely: Kysely<Tables>
  /** For what only reads: where it can be, not behind what waits to write, and unable to write. */
  readonly reading: Kysely<Tables>
  /** For what is rather left undone than waited for. */
  readonly impatient: Kysely<Tables>
  /** Runs what may take minutes. */
  patiently<T> (work: (db: Kysely<Tables>) => Promise<T>): Promise<T>
  /** Keeps all others from writing a table until the transaction ends. */
  lock (trx: Transaction<Tables>, table: Followed): Promise<void>
  /** Tells other processes, once the transaction is committed, that it wrote a table. */
  tell (trx: Transaction<Tables>, table: Followed): Promise<void>
  /** Calls back for what other processes wrote, until the database is closed. */
  listen (onWritten: (table: Followed) => void): void
  /** Whether an error leaves open what became of the work. */
  isLost (error: unknown): boolean
  close (): Promise<void>
}

/** How a transaction is run. */
export interface Transacting {
  /** The table that it writes alone, so that what has a later number was written later; who follows it is told. */
  readonly changes?: Followed
  /** It may run again when it cannot be told whether it was committed. */
  readonly repeatable?: boolean
}

/**
 * Runs work on the database. Each method rejects with FST_KEYHOLE_STORE_UNAVAILABLE for whatever goes wrong in it, so
 * `work` throws nothing of its own.
 */
export interface Queries {
  /** Runs queries that only read. They may run twice, and see what was last committed. */
  read<T> (work: (db: Kysely<Tables>) => Promise<T>): Promise<T>
  /** Runs queries that hold up no other ones, and fail where they would have to wait. */
  inPassing<T> (work: (db: Kysely<Tables>) => Promise<T>): Promise<T>
  /** Runs them wholly or not at all. */
  transaction<T> (work: (trx: Transaction<Tables>) => Promise<T>, how?: Transacting): Promise<T>
  /** Tells when a table was written, in whatever process. */
  onChange (table: Followed): OnChange
  /** Lets what is under way finish, refuses the rest, and closes the database. */
  close (): Promise<void>
}

export function createQueries (database: Database): Queries {
  const { name, kysely, reading } = database
  const listeners = new Map<Followed, Set<() => void>>()
  const underWay = new Set<Promise<unknown>>()
  let isClosed = false

  const told = (table: Followed) => listeners.get(table)?.forEach(listener => listener())

  async function run<T> (work: () => Promise<T>, isRepeatable: boolean): Promise<T> {
    if (isClosed) throw new StoreUnavailableError(`${name}: it was closed.`)
    const working = reported(name, async () => await work().catch(async error => {
      if (!isRepeatable || !database.isLost(error)) throw error
      return await work()
    }))
    underWay.add(working)
    return await working.finally(() => underWay.delete(working))
  }

  return Object.freeze<Queries>({
    read: work => run(() => work(reading), true),

    inPassing: work => run(() => work(database.impatient), false),

    async transaction (work, { changes, repeatable = false } = {}) {
      const result = await run(() => kysely.transaction().execute(async trx => {
        if (changes === undefined) return await work(trx)
        await database.lock(trx, changes)
        const result = await work(trx)
        await database.tell(trx, changes)
        return result
      }), repeatable)
      if (changes !== undefined) told(changes)
      return result
    },

    onChange: table => listener => {
      if (listeners.size === 0) database.listen(told)
      const ofTable = listeners.get(table) ?? new Set()
      listeners.set(table, ofTable.add(listener))
      return () => { ofTable.delete(listener) }
    },

    async close () {
      if (isClosed) return
      isClosed = true
      await Promise.allSettled(underWay)
      await database.close()
    }
  })
}

/** @throws {FST_KEYHOLE_STORE_UNAVAILABLE} for whatever goes wrong. */
export async function reported<T> (name: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw new StoreUnavailableError(`${name}: ${reasonOf(cause as Error)}`, { cause })
  }
}

/** Of several addresses that were tried in vain, the first one's. */
function reasonOf (error: Error): string {
  return error instanceof AggregateError && error.message === '' ? reasonOf(error.errors[0]) : error.message
}
