import type { Kysely } from 'kysely'
import { fromRow, toRow, type CustomerTables } from './database.js'
import { AgeRefusedError, CustomersUnavailableError } from './errors.js'
import type { Customer, CustomerChanges, CustomerPage } from './schema.js'

/** What the application does with its customers. Each method throws CUSTOMERS_UNAVAILABLE while the database is away. */
export interface Customers {
  /** One page, by id; the first page is 1. */
  page (page: number, pageSize: number): Promise<CustomerPage>
  find (id: string): Promise<Customer | undefined>
  /**
   * Makes all the changes or none; undefined when there is no such customer.
   * @throws {CUSTOMER_AGE_REFUSED} for the age of a company.
   */
  change (id: string, changes: CustomerChanges): Promise<Customer | undefined>
}

export function createCustomers (db: Kysely<CustomerTables>): Customers {
  return {
    page: (page, pageSize) => available(async () => {
      const rows = await db.selectFrom('customers').selectAll().orderBy('id').limit(pageSize).offset((page - 1) * pageSize).execute()
      const { total } = await db.selectFrom('customers').select(eb => eb.fn.countAll<number | string>().as('total')).executeTakeFirstOrThrow()
      return { items: rows.map(fromRow), page, pageSize, total: Number(total) }
    }),

    find: id => available(async () => {
      const row = await db.selectFrom('customers').selectAll().where('id', '=', id).executeTakeFirst()
      return row && fromRow(row)
    }),

    change: (id, changes) => available(async () => {
      return await db.transaction().execute(async trx => {
        const row = await trx.selectFrom('customers').selectAll().where('id', '=', id).executeTakeFirst()
        if (row === undefined) return undefined
        const changed = withChanges(fromRow(row), changes)
        await trx.updateTable('customers').set(toRow(changed)).where('id', '=', id).execute()
        return changed
      })
    })
  }
}

async function available<T> (work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof AgeRefusedError ? error : new CustomersUnavailableError({ cause: error })
  }
}

function withChanges (customer: Customer, { address, banking, age, ...rest }: CustomerChanges): Customer {
  const changed = {
    ...customer,
    ...rest,
    address: { ...customer.address, ...address },
    banking: { ...customer.banking, ...banking }
  }
  if (age === undefined) return changed
  if (changed.type === 'company') throw new AgeRefusedError()
  return { ...changed, age }
}
