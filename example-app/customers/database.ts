import { resolve } from 'node:path'
import { Kysely, SqliteDialect } from 'kysely'
import Database from 'libsql'
import { generateCustomers } from './generate.js'
import type { Customer } from './schema.js'

const CUSTOMERS = 1000

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

/** Opens the customers' database; a new one gets its table and the generated customers. */
export async function openCustomerDatabase (file: string): Promise<Kysely<CustomerTables>> {
  const database = new Database(resolve(file))
  database.exec('pragma journal_mode = wal')
  const db = new Kysely<CustomerTables>({ dialect: new SqliteDialect({ database }) })
  await createTable(db)
  const { count } = await db.selectFrom('customers').select(eb => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow()
  if (count === 0) await insertCustomers(db, await generateCustomers(CUSTOMERS))
  return db
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
    .addColumn('balance', 'real', column => column.notNull())
    .addColumn('accounts', 'text', column => column.notNull())
    .execute()
}
