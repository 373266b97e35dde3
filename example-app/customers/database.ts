import { resolve } from 'node:path'
import { Kysely, PostgresDialect, sql, SqliteDialect, type Dialect } from 'kysely'
import Database from 'libsql'
import pg from 'pg'
import { generateCustomers } from './generate.js'
import type { Customer } from './schema.js'

const CUSTOMERS = 1000

const SQLITE = 'sqlite:'

/** Of the processes that fill a new PostgreSQL database, the one that has this lock. */
const LOCK = 7001

/** Milliseconds that PostgreSQL has for a connection, and for an answer. */
const PATIENCE = 5000

/** The table of customers. `accounts` is JSON; `age` is null for companies. */
export interface CustomerTables {
  customers: {
    id: string
    type: 'person' | 'company'
    name: string
    email: string
    age: number | null
    street: string
    city: string
    region: string
    postal_code: string
    country: string
    iban: string
    bic: string
    currency: string
    balance: number
    accounts: string
  }
}

export type CustomerRow = CustomerTables['customers']

/**
 * Opens the customers' database; a new one gets its table and the generated customers.
 * @param url `sqlite:FILE`, or that of a PostgreSQL database
 */
export async function openCustomerDatabase (url: string): Promise<Kysely<CustomerTables>> {
  const isFile = url.startsWith(SQLITE)
  const db = new Kysely<CustomerTables>({ dialect: isFile ? sqliteDialect(url.slice(SQLITE.length)) : postgresDialect(url) })
  await db.connection().execute(async connection => {
    // Several processes may start at once; the lock ends with the connection at the latest.
    if (!isFile) await sql`select pg_advisory_lock(${LOCK})`.execute(connection)
    await fill(connection)
    if (!isFile) await sql`select pg_advisory_unlock(${LOCK})`.execute(connection)
  })
  return db
}

function sqliteDialect (file: string): Dialect {
  const database = new Database(resolve(file))
  database.exec('pragma journal_mode = wal')
  return new SqliteDialect({ database })
}

function postgresDialect (url: string): Dialect {
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: PATIENCE, statement_timeout: PATIENCE, query_timeout: PATIENCE })
  // A connection that breaks while nobody uses it is replaced by the next that is needed.
  pool.on('error', () => {})
  pool.on('connect', client => { client.on('error', () => {}) })
  return new PostgresDialect({ pool })
}

async function fill (db: Kysely<CustomerTables>): Promise<void> {
  await createTable(db)
  const { count } = await db.selectFrom('customers').select(eb => eb.fn.countAll<number | string>().as('count')).executeTakeFirstOrThrow()
  if (Number(count) === 0) await insertCustomers(db, await generateCustomers(CUSTOMERS))
}

/** Adds customers, all or none. */
export async function insertCustomers (db: Kysely<CustomerTables>, customers: readonly Customer[]): Promise<void> {
  await db.transaction().execute(async trx => {
    for (const customer of customers) await trx.insertInto('customers').values(toRow(customer)).execute()
  })
}

export function toRow (customer: Customer): CustomerRow {
  const { id, type, name, email, address, banking } = customer
  const { postalCode, ...place } = address
  const age = customer.type === 'person' ? customer.age : null
  return { id, type, name, email, age, ...place, postal_code: postalCode, ...banking, accounts: JSON.stringify(banking.accounts) }
}

export function fromRow (row: CustomerRow): Customer {
  const { id, name, email, street, city, region, country, iban, bic, currency, balance } = row
  const common = {
    id,
    name,
    email,
    address: { street, city, region, postalCode: row.postal_code, country },
    banking: { iban, bic, currency, balance, accounts: JSON.parse(row.accounts) as Customer['banking']['accounts'] }
  }
  return row.type === 'person' ? { ...common, type: row.type, age: row.age! } : { ...common, type: row.type }
}

async function createTable (db: Kysely<CustomerTables>): Promise<void> {
  await db.schema.createTable('customers').ifNotExists()
    .addColumn('id', 'text', column => column.notNull().primaryKey())
    .addColumn('type', 'text', column => column.notNull())
    .addColumn('name', 'text', column => column.notNull())
    .addColumn('email', 'text', column => column.notNull())
    .addColumn('age', 'integer')
    .addColumn('street', 'text', column => column.notNull())
    .addColumn('city', 'text', column => column.notNull())
    .addColumn('region', 'text', column => column.notNull())
    .addColumn('postal_code', 'text', column => column.notNull())
    .addColumn('country', 'text', column => column.notNull())
    .addColumn('iban', 'text', column => column.notNull())
    .addColumn('bic', 'text', column => column.notNull())
    .addColumn('currency', 'text', column => column.notNull())
    .addColumn('balance', 'double precision', column => column.notNull())
    .addColumn('accounts', 'text', column => column.notNull())
    .execute()
}
