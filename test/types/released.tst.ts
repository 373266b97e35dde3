import { Type } from '@sinclair/typebox'
import { describe, expect, test } from 'tstyche'
import { ANY_TOKEN, claimSet, type Released } from 'fastify-keyhole'

const Address = Type.Object({ street: Type.String(), city: Type.Optional(Type.String()) })

const Customer = Type.Object({
  id: claimSet(ANY_TOKEN, Type.String()),
  name: claimSet(['profile_claims', 'contact_claims'], Type.String()),
  age: Type.Optional(claimSet('profile_claims', Type.Integer())),
  note: claimSet('profile_claims', Type.Optional(Type.String())),
  address: claimSet('address_claims', Address),
  banking: claimSet('banking_claims', Type.Object({
    balance: Type.Number(),
    holder: claimSet(['profile_claims', 'banking_claims'], Type.String())
  })),
  accounts: Type.Array(Type.Object({ label: claimSet('profile_claims', Type.String()), iban: claimSet('banking_claims', Type.String()) }))
})

const show = <Value>(): Value => undefined as Value

describe('Released', () => {
  test('no claim set → what any token sees', () => {
    expect<Released<typeof Customer, never>>().type.toBe<{ id: string }>()
  })

  test('a claim set → its fields, those of several sets among them, optional ones optional', () => {
    expect<Released<typeof Customer, 'contact_claims'>>().type.toBe<{ id: string, name: string }>()
    expect<Released<typeof Customer, 'profile_claims'>>().type.toBe<{
      id: string, name: string, age?: number, note?: string, banking: { holder: string }, accounts: { label: string }[]
    }>()
  })

  test('several → the fields of all; what a parent governs comes with it', () => {
    expect<Released<typeof Customer, 'address_claims' | 'banking_claims'>>().type.toBe<{
      id: string, address: { street: string, city?: string }, banking: { balance: number, holder: string }, accounts: { iban: string }[]
    }>()
  })

  test('a claim set that the schema does not name → no more', () => {
    expect<Released<typeof Customer, 'support_claims'>>().type.toBe<{ id: string }>()
  })

  test('a whole of which nothing is released → what is left of it', () => {
    expect<Released<typeof Address, 'x'>>().type.toBe<Record<string, never>>()
    const list = claimSet('a', Type.Array(Type.String()))
    expect<Released<typeof list, 'x'>>().type.toBe<[]>()
    expect<Released<typeof list, 'a'>>().type.toBe<string[]>()
    const text = claimSet('a', Type.String())
    expect<Released<typeof text, 'x'>>().type.toBe<null>()
  })

  test('an object of whose members nothing is released → absent, annotated or not', () => {
    const schema = Type.Object({ a: claimSet('a', Type.Object({ b: claimSet('b', Type.String()) })), c: claimSet('a', Type.Object({})) })
    expect<Released<typeof schema, 'a'>>().type.toBe<{ c: {} }>()
    expect<Released<typeof schema, 'b'>>().type.toBe<{ a: { b: string } }>()
  })

  test('a union → a withheld branch is {}, a null goes with the others', () => {
    const person = Type.Object({ type: claimSet(ANY_TOKEN, Type.Literal('person')), age: claimSet('a', Type.Integer()) })
    const company = Type.Object({ type: claimSet(ANY_TOKEN, Type.Literal('company')), vat: claimSet('b', Type.String()) })
    const either = Type.Union([person, company])
    expect<Released<typeof either, 'a'>>().type.toBe<{ type: 'person', age: number } | { type: 'company' }>()
    const mixed = Type.Object({
      either: Type.Union([claimSet('a', Type.String()), claimSet('b', Type.Number())]),
      maybe: Type.Union([claimSet('a', Type.String()), Type.Null()]),
      level: claimSet('a', Type.Union([Type.Literal('x'), Type.Literal('y')]))
    })
    expect<Released<typeof mixed, 'a'>>().type.toBe<{ either: string | Record<string, never>, maybe: string | null, level: 'x' | 'y' }>()
    expect<Released<typeof mixed, 'b'>>().type.toBe<{ either: number | Record<string, never> }>()
  })

  test('an intersection → its parts; a tuple → whole or absent; a record → its values', () => {
    const both = Type.Intersect([Type.Object({ a: claimSet('a', Type.String()) }), Type.Object({ b: claimSet('b', Type.String()) })])
    expect(show<Released<typeof both, 'a' | 'b'>>()).type.toBeAssignableTo<{ a: string, b: string }>()
    expect(show<Released<typeof both, 'a'>>()).type.toBeAssignableTo<{ a: string }>()
    expect(show<Released<typeof both, 'a'>>()).type.not.toBeAssignableTo<{ b: string }>()
    const rest = Type.Object({
      pair: Type.Tuple([claimSet('a', Type.String()), claimSet('b', Type.Number())]),
      record: Type.Record(Type.String(), claimSet('b', Type.Number()))
    })
    expect<Released<typeof rest, 'a'>>().type.toBe<Record<string, never>>()
    expect<Released<typeof rest, 'b'>>().type.toBe<{ record: { [name: string]: number } }>()
    expect<Released<typeof rest, 'a' | 'b'>>().type.toBe<{ pair: [string, number], record: { [name: string]: number } }>()
  })

  test('a recursion → unknown where it comes around again', () => {
    const tree = Type.Recursive(This => Type.Object({ label: claimSet('a', Type.String()), secret: claimSet('b', Type.String()), next: Type.Optional(This) }))
    expect<Released<typeof tree, 'a'>>().type.toBe<{ label: string, next?: unknown }>()
  })

  test('a mask of which a claim set is granted → a value that the field could have; null for null', () => {
    const masked = Type.Object({
      iban: claimSet('banking_claims', Type.String(), { mask: { last4: 'support_claims', hash: ['match_claims', 'audit_claims'] } }),
      balance: Type.Optional(claimSet('banking_claims', Type.Union([Type.Number(), Type.Null()]), { mask: { null: 'support_claims' } })),
      bic: claimSet('banking_claims', Type.String())
    })
    expect<Released<typeof masked, 'support_claims'>>().type.toBe<{ iban: string, balance?: null }>()
    expect<Released<typeof masked, 'audit_claims'>>().type.toBe<{ iban: string }>()
    expect<Released<typeof masked, 'banking_claims'>>().type.toBe<{ iban: string, balance?: number | null, bic: string }>()
    expect<Released<typeof masked, 'banking_claims' | 'support_claims'>>().type.toBe<{ iban: string, balance?: number | null, bic: string }>()
    expect<Released<typeof masked, 'profile_claims'>>().type.toBe<Record<string, never>>()
  })

  test('refuses what is no schema', () => {
    expect<Released<typeof Customer, 'x'>>().type.not.toBeAssignableTo<string>()
    // @ts-expect-error Type 'string' does not satisfy the constraint 'TSchema'
    show<Released<string, 'x'>>()
  })
})
