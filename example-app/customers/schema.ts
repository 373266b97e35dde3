import { Type, type Static, type TObject, type TProperties, type TString } from '@sinclair/typebox'
import { ANY_TOKEN, claimSet } from 'fastify-keyhole'

/** Every field of a customer with the claim sets that it belongs to; answers and bodies are made of these. */

const id = claimSet(ANY_TOKEN, Type.String({ examples: ['c-0001'] }))
const name = claimSet(['profile_claims', 'contact_claims'], Type.String({ minLength: 1, maxLength: 200 }))
const email = claimSet(['profile_claims', 'contact_claims'], Type.String({ format: 'email', maxLength: 254 }))
const age = claimSet('profile_claims', Type.Integer({ minimum: 0 }))

const AddressSchema = addressOf(Type.String())

const balance = Type.Number({ description: 'In the currency of the banking' })

const BankingSchema = bankingOf(Type.String({ examples: ['NL91ABNA0417164300'] }))

const PersonSchema = Type.Object({
  id,
  type: claimSet(ANY_TOKEN, Type.Literal('person')),
  name,
  email,
  age,
  address: AddressSchema,
  banking: BankingSchema
})

const CompanySchema = Type.Object({
  id,
  type: claimSet(ANY_TOKEN, Type.Literal('company')),
  name,
  email,
  address: AddressSchema,
  banking: BankingSchema
})

export const CustomerSchema = Type.Union([PersonSchema, CompanySchema])

export const CustomerPageSchema = Type.Object({
  items: Type.Array(CustomerSchema),
  page: claimSet(ANY_TOKEN, Type.Integer()),
  pageSize: claimSet(ANY_TOKEN, Type.Integer()),
  total: claimSet(ANY_TOKEN, Type.Integer({ description: 'How many customers there are on all pages' }))
})

/** No control characters: SQLite ends a text at its first NUL. */
const PRINTABLE = { pattern: '^\\P{Cc}*$' }

/** What may be changed of a customer: each member alone, also within address and banking. */
export const CustomerChangesSchema = closed({
  name: Type.Optional({ ...name, ...PRINTABLE }),
  email: Type.Optional(email),
  age: Type.Optional({ ...age, maximum: 150 }),
  address: Type.Optional(Type.Partial(addressOf(Type.String(PRINTABLE)))),
  banking: Type.Optional(Type.Partial(bankingOf(Type.String({ pattern: '^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$' }))))
})

export type Person = Static<typeof PersonSchema>
export type Company = Static<typeof CompanySchema>
export type Customer = Static<typeof CustomerSchema>
export type CustomerPage = Static<typeof CustomerPageSchema>
export type CustomerChanges = Static<typeof CustomerChangesSchema>

function addressOf<Text extends TString> (text: Text) {
  return claimSet('address_claims', closed({ street: text, city: text, region: text, postalCode: text, country: text }))
}

/** An answer cannot promise a pattern for the IBAN: support sees no more than its end. */
function bankingOf (text: TString) {
  const iban = claimSet('banking_claims', text, { mask: { last4: 'support_claims' } })
  return claimSet('banking_claims', closed({
    iban,
    bic: Type.String({ pattern: '^[A-Z0-9]{8}(?:[A-Z0-9]{3})?$' }),
    currency: Type.String({ pattern: '^[A-Z]{3}$' }),
    balance,
    accounts: Type.Array(closed({
      kind: Type.Union([Type.Literal('checking'), Type.Literal('savings'), Type.Literal('deposit')]),
      iban,
      balance
    }))
  }))
}

function closed<Properties extends TProperties> (properties: Properties): TObject<Properties> {
  return Type.Object(properties, { additionalProperties: false })
}
