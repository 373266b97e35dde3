import { parse, CsvError, type InfoRecord } from 'csv-parse'
import { createReadStream } from 'node:fs'
import { newClientFaults } from '../store/new-client.js'
import type { NewClient } from '../store/store.js'
import { CommandError } from './terminal.js'

/** The columns that a file of clients may have: the members of a new client. How each is written in a cell. */
const COLUMNS = {
  id: 'text',
  roles: 'list',
  claims: 'json',
  audiences: 'list',
  authMethod: 'text',
  clientSecret: 'text',
  clientSecretExpiresAt: 'number',
  jwks: 'json',
  jwksUrl: 'text',
  federated: 'json',
  requireApiKey: 'boolean',
  apiKey: 'text',
  apiKeyExpiresAt: 'number',
  grants: 'list',
  resources: 'list',
  tokenLifetime: 'number',
  dpopBound: 'boolean'
} as const satisfies Record<keyof NewClient, string>

type Column = keyof typeof COLUMNS

/** What is wrong in a file of clients, and what to write instead. */
export interface RowFault {
  readonly line: number
  readonly column: string
  readonly message: string
}

/** One line of a file: the client in it, or what is wrong with it. */
export interface ClientRow {
  /** On which it ends, from 1. */
  readonly line: number
  /** Up to where the file is read, in bytes. */
  readonly bytes: number
  readonly client: NewClient
  readonly faults: readonly RowFault[]
}

/** Bytes of a line, at most: whatever is in the file, no more than this is in memory. */
const MAX_ROW = 1024 * 1024

const REASONS: Readonly<Record<string, string>> = {
  CSV_RECORD_INCONSISTENT_COLUMNS: 'it has not as many cells as the first line; write a comma for each empty cell, and a cell that has commas in quotes',
  CSV_QUOTE_NOT_CLOSED: 'a quoted cell begins, and does not end',
  INVALID_OPENING_QUOTE: 'a quote within a cell; write the whole cell in quotes, and each quote within twice',
  CSV_MAX_RECORD_SIZE: `it is longer than ${MAX_ROW} bytes`
}

/**
 * Reads clients from a CSV file (RFC 4180, UTF-8), line by line. Its first line names the columns. A cell in which
 * nothing stands is a member left out.
 * @throws {CommandError} when it cannot be read, is no CSV, or has a column that is unknown
 */
export async function * clientRows (file: string): AsyncGenerator<ClientRow> {
  const source = createReadStream(file)
  let isEmpty = true
  const columns = (header: string[]) => {
    isEmpty = false
    return checkedHeader(file, header)
  }
  const parser = parse({ bom: true, columns, info: true, skip_empty_lines: true, max_record_size: MAX_ROW })
  source.on('error', error => parser.destroy(error))
  const rows: AsyncIterable<{ readonly info: InfoRecord, readonly record: Record<string, string> }> = source.pipe(parser)
  try {
    for await (const { info, record } of rows) yield clientRow(info, record)
    if (isEmpty) checkedHeader(file, [])
  } catch (error) {
    // What csv-parse says may quote what stands there.
    if (error instanceof CsvError) throw new CommandError(`${file}, line ${error['lines']}: ${REASONS[error.code] ?? 'it is no CSV (RFC 4180); write each quote within a quoted cell twice'}.`)
    throw isOfSystem(error) ? new CommandError(`${file}: ${error.message}`, { cause: error }) : error
  } finally {
    source.destroy()
  }
}

function checkedHeader (file: string, header: readonly string[]): string[] {
  const unknown = header.filter(name => !Object.hasOwn(COLUMNS, name))
  const missing = ['id', 'roles'].filter(name => !header.includes(name))
  const twice = header.filter((name, place) => header.indexOf(name) !== place)
  if (unknown.length === 0 && missing.length === 0 && twice.length === 0) return [...header]
  const faults = [['unknown', unknown], ['missing', missing], ['twice', twice]] as const
  throw new CommandError(`${file}, line 1: ${faults.filter(([, names]) => names.length > 0).map(([what, names]) => `${what}: ${names.join(', ')}`).join('; ')}. ` +
    `Write the names of columns, with commas between them: id, roles, and what is needed of ${Object.keys(COLUMNS).slice(2).join(', ')}.`)
}

function clientRow ({ lines: line, bytes }: InfoRecord, record: Readonly<Record<string, string>>): ClientRow {
  const faults: RowFault[] = []
  const members = Object.entries(record).filter(([, cell]) => cell !== '').map(([column, cell]) => {
    const value = valueIn(column as Column, cell)
    // What was read in place of bytes that are no UTF-8.
    if (cell.includes('\uFFFD')) faults.push({ line, column, message: 'this is not UTF-8; save the file as that' })
    else if (value === undefined) faults.push({ line, column, message: 'write JSON' })
    return [column, value]
  })
  const client: NewClient = Object.fromEntries(members)
  if (faults.length === 0) {
    for (const { member, cure } of newClientFaults(client)) faults.push({ line, column: member.split('.')[0]!, message: cure })
  }
  return { line, bytes, client, faults }
}

/** What a cell means; undefined where it is no JSON. What is neither a number nor true or false stays text, which is refused by name. */
function valueIn (column: Column, cell: string): unknown {
  switch (COLUMNS[column]) {
    case 'list': return cell.split(';').map(item => item.trim()).filter(item => item !== '')
    case 'boolean': return cell === 'true' || (cell === 'false' ? false : cell)
    case 'number': return /^\d{1,10}$/.test(cell) ? Number(cell) : cell
    case 'json': return jsonIn(cell)
    default: return cell
  }
}

function jsonIn (cell: string): unknown {
  try {
    return JSON.parse(cell)
  } catch {
    return undefined
  }
}

function isOfSystem (error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
