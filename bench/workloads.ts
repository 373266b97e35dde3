import { Type, type TSchema } from '@sinclair/typebox'
import { CustomerPageSchema, CustomerSchema, type Customer } from '../example-app/customers/schema.js'
import { RecordListSchema, RecordSchema, recordOf, type CustomerRecord } from './record.js'

export const ROLES = ['salesperson', 'admin'] as const
export type Role = typeof ROLES[number]

export const WORKLOADS = ['one customer', '1,000 customers', 'one record', '1,000 records'] as const
export type WorkloadName = typeof WORKLOADS[number]

/** One route, a request to it, and what it must answer. */
export interface Workload {
  readonly route: string
  readonly path: string
  readonly isList: boolean
  readonly schema: { readonly params?: TSchema, readonly response: { readonly 200: TSchema } }
  /** What the handler gives. @param id of the path; undefined for a list */
  answer (id: string | undefined): unknown
  /** What it gives to this request. */
  readonly value: unknown
  /** The bodies that must arrive, written by none of the code that is measured. */
  readonly expected: Readonly<Record<Role, string>>
}

/**
 * A customer is a union of person and company; a record has 25 fields and no union.
 * @param customers of the example's generator
 */
export function workload (name: WorkloadName, customers: readonly Customer[]): Workload {
  switch (name) {
    case 'one customer':
      return one('/customers', CustomerSchema, customers, customerProfile)
    case '1,000 customers':
      return list('/customers', CustomerPageSchema, page(customers), page(customers.map(customerProfile)))
    case 'one record':
      return one('/records', RecordSchema, customers.map(recordOf), recordProfile)
    case '1,000 records':
      return list('/records', RecordListSchema, customers.map(recordOf), customers.map(recordOf).map(recordProfile))
  }
}

function one<Item extends { readonly id: string }> (url: string, response: TSchema, items: readonly Item[], profile: (item: Item) => object): Workload {
  const byId = new Map(items.map(item => [item.id, item]))
  const item = items[items.length >> 1]!
  return {
    route: `${url}/:id`,
    path: `${url}/${item.id}`,
    isList: false,
    schema: { params: Type.Object({ id: Type.String() }), response: { 200: response } },
    answer: id => byId.get(id!),
    value: item,
    expected: { salesperson: JSON.stringify(profile(item)), admin: JSON.stringify(item) }
  }
}

function list (url: string, response: TSchema, whole: unknown, profiles: unknown): Workload {
  return {
    route: url,
    path: url,
    isList: true,
    schema: { response: { 200: response } },
    answer: () => whole,
    value: whole,
    expected: { salesperson: JSON.stringify(profiles), admin: JSON.stringify(whole) }
  }
}

function page (items: readonly unknown[]): object {
  return { items, page: 1, pageSize: items.length, total: items.length }
}

/** What a salesperson sees of a customer. */
function customerProfile (customer: Customer): object {
  const { id, type, name, email } = customer
  return customer.type === 'person' ? { id, type, name, email, age: customer.age } : { id, type, name, email }
}

/** What a salesperson sees of a record. */
function recordProfile ({ address, banking, ...profile }: CustomerRecord): object {
  return profile
}
