import { Type, type Static } from '@sinclair/typebox'
import { ANY_TOKEN, claimSet } from 'fastify-keyhole'
import type { Customer } from '../example-app/customers/schema.js'

/** 25 fields, without a union. */
export const RecordSchema = Type.Object({
  id: claimSet(ANY_TOKEN, Type.String()),
  name: claimSet(['profile_claims', 'contact_claims'], Type.String()),
  email: claimSet(['profile_claims', 'contact_claims'], Type.String()),
  age: claimSet('profile_claims', Type.Integer()),
  language: claimSet('profile_claims', Type.String()),
  newsletter: claimSet('profile_claims', Type.Boolean()),
  segment: claimSet('profile_claims', Type.String()),
  since: claimSet('profile_claims', Type.String()),
  orders: claimSet('profile_claims', Type.Integer()),
  note: claimSet('profile_claims', Type.String()),
  address: claimSet('address_claims', Type.Object({
    street: Type.String(),
    city: Type.String(),
    region: Type.String(),
    postalCode: Type.String(),
    country: Type.String()
  })),
  banking: claimSet('banking_claims', Type.Object({
    holder: Type.String(),
    iban: Type.String(),
    bic: Type.String(),
    bank: Type.String(),
    currency: Type.String(),
    balance: Type.Number(),
    limit: Type.Number(),
    overdrawn: Type.Boolean(),
    taxNumber: Type.String(),
    mandate: Type.String()
  }))
})

export const RecordListSchema = Type.Array(RecordSchema)

export type CustomerRecord = Static<typeof RecordSchema>

/** The record of the same person or company as this customer. */
export function recordOf (customer: Customer, index: number): CustomerRecord {
  const { id, name, email, address, banking: { iban, bic, currency, balance } } = customer
  return {
    id,
    name,
    email,
    age: customer.type === 'person' ? customer.age : 0,
    language: address.country.slice(0, 2).toLowerCase(),
    newsletter: index % 3 === 0,
    segment: ['bronze', 'silver', 'gold'][index % 3]!,
    since: new Date(Date.UTC(2015, 0, index)).toISOString(),
    orders: index % 40,
    note: `Calls back on ${['Monday', 'Tuesday', 'Friday'][index % 3]}, prefers "${['mail', 'phone'][index % 2]}".`,
    address,
    banking: {
      holder: name,
      iban,
      bic,
      bank: bic.slice(0, 4),
      currency,
      balance,
      limit: 500 * (index % 9),
      overdrawn: balance < 0,
      taxNumber: String(10_000_000 + index),
      mandate: `M-${index}`
    }
  }
}
