import { OptionInvalidError } from '../../errors.js'
import type { ApiKeys } from '../api-keys.js'
import type { SecretKind } from '../secret.js'
import type { SqlClientRow } from './client-row.js'

/** A table of the company's own, in which clients are found. */
export interface SqlProviderOptions<DB> {
  /** The database: a Kysely instance or what else `query` takes; or a function that gives it for each query. */
  readonly db: DB | (() => DB | Promise<DB>)
  /** All rows about a client: a query of Kysely's that is not executed yet, or a promise of the rows. The id belongs into a parameter. */
  readonly query: (clientId: string, db: DB) => SqlQuery | Promise<readonly SqlClientRow[]>
  /** Who knows the API keys: the rows of the query (`'query'`), the store or a function. This, or `requireApiKey: false`, has to be written. */
  readonly apiKeys?: ApiKeys | 'query'
  /** `false`: the secret alone is enough. */
  readonly requireApiKey?: boolean
  /** Keeps a better hash in the place of an outdated one. */
  readonly upgrade?: UpgradeHash
  /** Where it is said that `upgrade` failed, which harms no request. Default: nowhere. */
  readonly log?: { warn (details: object, message: string): void }
  /** How many requests are hashed for at once. Default: 2, half of the threads that Node has for such work. */
  readonly concurrency?: number
}

/** What Kysely's queries have in common. */
export interface SqlQuery {
  execute (): Promise<readonly SqlClientRow[]>
}

/**
 * @param hash of today, in the PHC string format
 * @param replaced what it stands for; the row may have changed in the meantime, so write `where … and secret_hash = replaced.hash`
 */
export type UpgradeHash = (clientId: string, hash: string, replaced: { readonly kind: SecretKind, readonly hash: string }) => unknown

const MEMBERS = ['db', 'query', 'apiKeys', 'requireApiKey', 'upgrade', 'log', 'concurrency']

/**
 * Checks the options of the SQL provider, but for those on API keys.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option and what to write.
 */
export function checkSqlOptions<DB> (options: SqlProviderOptions<DB>): void {
  if (typeof options !== 'object' || options === null) refuse('write an object, { db, query, apiKeys }.')
  const { db, query, apiKeys, requireApiKey, upgrade, log, concurrency = 1 } = options
  const unknown = Object.keys(options).find(name => !MEMBERS.includes(name))
  if (unknown !== undefined) refuse(`there is no option ${unknown}; there are ${MEMBERS.join(', ')}.`)
  if (db === undefined || db === null) refuse('write db, a Kysely instance, or a function that gives one.')
  if (typeof query !== 'function') refuse("write query, (clientId, db) => db.selectFrom('clients').select(['id', 'secret_hash as secretHash', 'roles']).where('id', '=', clientId).")
  if (apiKeys === 'query' && requireApiKey !== undefined) refuse("write apiKeys: 'query' or requireApiKey: false, not both.")
  if (upgrade !== undefined && typeof upgrade !== 'function') refuse('upgrade: write a function (clientId, hash, replaced) that keeps the hash, or leave it out.')
  if (log !== undefined && typeof log?.warn !== 'function') refuse('log: write app.log, or leave it out.')
  if (!Number.isSafeInteger(concurrency) || concurrency < 1) refuse('concurrency: write a whole number, 1 or more.')
}

function refuse (cure: string): never {
  throw new OptionInvalidError(`sqlCredentialProvider: ${cure}`)
}
