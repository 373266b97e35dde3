import { Type, type TSchema } from '@sinclair/typebox'
import { CustomerPageSchema, CustomerSchema, type Customer } from '../example-app/customers/schema.js'
import { RecordListSchema, RecordSchema, recordOf } from './record.js'

/** What the scopes of each role read: the members of a customer or record that it sees beside those for any token. */
export const ROLES = {
  salesperson: ['profile'],
  agent: ['contact'],
  manager: ['profile', 'address'],
  accountant: ['contact', 'banking'],
  admin: ['contact', 'profile', 'address', 'banking']
} as const satisfies Record<string, readonly Scope[]>
export type Role = keyof typeof ROLES
export type Scope = 'contact' | 'profile' | 'address' | 'banking'

const MEMBERS: Readonly<Record<Scope, readonly string[]>> = {
  contact: ['name', 'email'],
  profile: ['name', 'email', 'age', 'language', 'newsletter', 'segment', 'since', 'orders', 'note'],
  address: ['address'],
  banking: ['banking']
}

export const WORKLOADS = ['one customer', '1,000 customers', 'one record', '1,000 records'] as const
export type WorkloadName = typeof WORKLOADS[number] | typeof STREAM

/** 10,000 records, one by one. */
export const STREAM = '10,000 records, streamed'

/** One route, a request to it, and what it must answer. */
export interface Workload {
  readonly route: string
  readonly path: string
  readonly isList: boolean
  /** What it gives is the records of a stream. */
  readonly isStream: boolean
  readonly schema: { readonly params?: TSchema, readonly response: { readonly 200: TSchema } }
  /** What the handler gives. @param id of the path; undefined for a list */
  answer (id: string | undefined): unknown
  /** What it gives to this request. */
  readonly value: unknown
  /** The body that must arrive, written by none of the code that is measured. */
  expected (role: Role): string
}

/**
 * A customer is a union of person and company; a record has 25 fields and no union.
 * @param customers of the example's generator
 */
export function workload (name: WorkloadName, customers: readonly Customer[]): Workload {
  switch (name) {
    case 'one customer':
      return one('/customers', CustomerSchema, customers)
    case '1,000 customers':
      return list('/customers', CustomerPageSchema, customers, page)
    case 'one record':
      return one('/records', RecordSchema, customers.map(recordOf))
    case '1,000 records':
      return list('/records', RecordListSchema, customers.map(recordOf), records => records)
    case STREAM: {
      const records = customers.map(recordOf)
      return { ...list('/records', RecordListSchema, Array.from({ length: 10_000 }, (_, index) => records[index % records.length]!), records => records), isStream: true }
    }
  }
}

function one<Item extends { readonly id: string }> (url: string, response: TSchema, items: readonly Item[]): Workload {
  const byId = new Map(items.map(item => [item.id, item]))
  const item = items[items.length >> 1]!
  return {
    route: `${url}/:id`,
    path: `${url}/${item.id}`,
    isList: false,
    isStream: false,
    schema: { params: Type.Object({ id: Type.String() }), response: { 200: response } },
    answer: id => byId.get(id!),
    value: item,
    expected: forRoles(scopes => JSON.stringify(view(item, scopes)))
  }
}

function list (url: string, response: TSchema, items: readonly object[], wrap: (items: readonly object[]) => unknown): Workload {
  const whole = wrap(items)
  return {
    route: url,
    path: url,
    isList: true,
    isStream: false,
    schema: { response: { 200: response } },
    answer: () => whole,
    value: whole,
    expected: forRoles(scopes => JSON.stringify(wrap(items.map(item => view(item, scopes)))))
  }
}

function page (items: readonly unknown[]): object {
  return { items, page: 1, pageSize: items.length, total: items.length }
}

/** Written once for each role that is asked for. */
function forRoles (write: (scopes: readonly Scope[]) => string): Workload['expected'] {
  const written = new Map<Role, string>()
  return role => {
    const text = written.get(role) ?? write(ROLES[role])
    written.set(role, text)
    return text
  }
}

/** What these scopes see of a customer or record, in its order. */
function view (item: object, scopes: readonly Scope[]): object {
  const names = new Set(['id', 'type', ...scopes.flatMap(scope => MEMBERS[scope])])
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)))
}
