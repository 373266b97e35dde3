import { LATEST_TIME } from '../latest-time.js'

/** A row about a client. Several of one client are taken together: one for each secret while it is rotated, or for each role. */
export interface SqlClientRow {
  /** Has to be the id that was asked for, character by character: how a database compares is not trusted. */
  readonly id: string
  /** A hash of the secret, or several, newest first: two at most count, over all rows. */
  readonly secretHash?: string | readonly string[] | null
  /** A hash of the API key, with `apiKeys: 'query'`. */
  readonly apiKeyHash?: string | readonly string[] | null
  /** A list, its JSON, or a text with spaces between them. */
  readonly roles?: readonly string[] | string | null
  /** Whether the client is refused; of whatever type: null, false, 0 and '' alone mean that it is not. */
  readonly disabled?: unknown
  /** When the hashes of this row end, in seconds since the epoch, or as a Date. */
  readonly expiresAt?: number | Date | null
}

/** What a table says of a client. */
export interface SqlClient {
  readonly secretHashes: readonly string[]
  readonly apiKeyHashes: readonly string[]
  readonly roles: readonly string[]
  readonly disabled: boolean
}

/** How many secrets of one kind a client may have at once. */
const VALID_AT_ONCE = 2

/**
 * The client of this id, as the rows of a query say; null when none is about it.
 * @param now seconds since the epoch
 * @throws {TypeError} for rows that cannot be right; no message quotes them.
 */
export function clientOf (clientId: string, rows: unknown, now: number): SqlClient | null {
  if (!Array.isArray(rows)) throw new TypeError('the query answered with no list of rows')
  const own = rows.map(checkedRow).filter(({ id }) => id === clientId)
  if (own.length === 0) return null
  const lasting = own.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now)
  const hashes = (name: 'secretHashes' | 'apiKeyHashes') => [...new Set(lasting.flatMap(row => row[name]))].slice(0, VALID_AT_ONCE)
  return {
    secretHashes: hashes('secretHashes'),
    apiKeyHashes: hashes('apiKeyHashes'),
    roles: [...new Set(own.flatMap(({ roles }) => roles))],
    disabled: own.some(({ disabled }) => disabled)
  }
}

interface CheckedRow extends SqlClient {
  readonly id: string
  readonly expiresAt: number | undefined
}

function checkedRow (row: Partial<Record<keyof SqlClientRow, unknown>> | null | undefined): CheckedRow {
  const { id, secretHash, apiKeyHash, roles, disabled, expiresAt } = row ?? {}
  if (typeof id !== 'string') throw new TypeError('a row of the query has no id')
  return {
    id,
    secretHashes: textsOf('secretHash', secretHash),
    apiKeyHashes: textsOf('apiKeyHash', apiKeyHash),
    roles: textsOf('roles', typeof roles === 'string' ? listOf(roles) : roles),
    disabled: Boolean(disabled),
    expiresAt: timeOf(expiresAt)
  }
}

function listOf (text: string): unknown {
  if (!text.startsWith('[')) return text.split(' ').filter(role => role !== '')
  try {
    return JSON.parse(text)
  } catch {
    throw new TypeError('roles of a row of the query are broken JSON')
  }
}

function textsOf (name: string, value: unknown): readonly string[] {
  const list: unknown[] = [value ?? []].flat()
  if (!list.every(isText)) throw new TypeError(`${name} of a row of the query is neither a text nor a list of texts`)
  return list
}

function timeOf (value: unknown): number | undefined {
  const time = value instanceof Date ? value.getTime() / 1000 : value ?? undefined
  if (time === undefined) return undefined
  if (typeof time !== 'number' || !(time < LATEST_TIME)) throw new TypeError('expiresAt of a row of the query is neither a Date nor a time in seconds since the epoch')
  return time
}

function isText (value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
