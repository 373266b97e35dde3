import { Type, type Static, type TString } from '@sinclair/typebox'
import { String as StringOfOne } from 'typebox'
import { describe, expect, test } from 'tstyche'
import { ANY_TOKEN, claimSet, type Classified } from 'fastify-keyhole'

describe('claimSet', () => {
  test('keeps the names of claim sets as literals', () => {
    expect(claimSet('profile_claims', Type.String())).type.toBe<TString & Classified<'profile_claims'>>()
    expect(claimSet('profile_claims', Type.String()).claimSet.sets).type.toBe<readonly 'profile_claims'[]>()
    expect(claimSet(['profile_claims', 'contact_claims'], Type.String())).type.toBe<TString & Classified<'profile_claims' | 'contact_claims'>>()
    expect(claimSet(['profile_claims'] as const, Type.String())).type.toBe<TString & Classified<'profile_claims'>>()
    expect(claimSet(ANY_TOKEN, Type.String())).type.toBe<TString & Classified<'*'>>()
    expect(ANY_TOKEN).type.toBe<'*'>()
  })

  test('keeps the type of the schema', () => {
    const Customer = Type.Object({
      id: claimSet(ANY_TOKEN, Type.String()),
      age: Type.Optional(claimSet('profile_claims', Type.Integer())),
      note: claimSet('profile_claims', Type.Optional(Type.String())),
      address: claimSet('address_claims', Type.Object({ city: Type.String() }))
    })
    expect<Static<typeof Customer>>().type.toBe<{ id: string, age?: number, note?: string, address: { city: string } }>()
    expect(Customer.properties.address.claimSet.sets).type.toBe<readonly 'address_claims'[]>()
    expect(Customer.properties.age.claimSet.sets).type.toBe<readonly 'profile_claims'[]>()
  })

  test('takes any schema', () => {
    expect(claimSet('profile_claims', { type: 'string' as const })).type.toBe<{ type: 'string' } & Classified<'profile_claims'>>()
    expect(claimSet('profile_claims', StringOfOne()).type).type.toBe<'string'>()
    expect(claimSet).type.toBeCallableWith('profile_claims', Type.Object({ x: Type.String() }))
    expect(claimSet).type.toBeCallableWith('profile_claims', Type.Union([Type.String(), Type.Null()]))
  })

  test('refuses what is no schema', () => {
    expect(claimSet).type.not.toBeCallableWith('profile_claims', 1)
    expect(claimSet).type.not.toBeCallableWith('profile_claims', 'string')
    expect(claimSet).type.not.toBeCallableWith('profile_claims', true)
    expect(claimSet).type.not.toBeCallableWith('profile_claims', null)
    expect(claimSet).type.not.toBeCallableWith('profile_claims', undefined)
    expect(claimSet).type.not.toBeCallableWith('profile_claims', [Type.String()])
    expect(claimSet).type.not.toBeCallableWith('profile_claims', Type.String)
    expect(claimSet).type.not.toBeCallableWith('profile_claims')
  })

  test('refuses what is no name', () => {
    expect(claimSet).type.not.toBeCallableWith(1, Type.String())
    expect(claimSet).type.not.toBeCallableWith([1], Type.String())
    expect(claimSet).type.not.toBeCallableWith(null, Type.String())
    expect(claimSet).type.not.toBeCallableWith(undefined, Type.String())
    expect(claimSet).type.not.toBeCallableWith({ sets: 'profile_claims' }, Type.String())
    expect(claimSet).type.not.toBeCallableWith(Type.String(), 'profile_claims')
  })

  test('takes the options that there are', () => {
    expect(claimSet).type.toBeCallableWith(ANY_TOKEN, Type.String(), { revealsParent: true })
    expect(claimSet).type.toBeCallableWith('profile_claims', Type.String(), { revealsBranch: true, revealsParent: false })
    expect(claimSet).type.not.toBeCallableWith('profile_claims', Type.String(), { revealsBranch: 'yes' })
    expect(claimSet).type.not.toBeCallableWith('profile_claims', Type.String(), { reveals: true })
    expect(claimSet).type.toBeCallableWith('profile_claims', Type.String(), { mask: { last4: 'support_claims', year: ['a', 'b'] } })
    expect(claimSet).type.not.toBeCallableWith('profile_claims', Type.String(), { mask: 'last4' })
    expect(claimSet).type.not.toBeCallableWith('profile_claims', Type.String(), { mask: { last4: true } })
    expect(claimSet).type.not.toBeCallableWith('profile_claims', Type.String(), true)
  })
})

describe('Classified', () => {
  test('tells which claim sets a schema names', () => {
    type SetsOf<Schema> = Schema extends Classified<infer Sets> ? Sets : never
    const name = claimSet(['profile_claims', 'contact_claims'], Type.String())
    expect<SetsOf<typeof name>>().type.toBe<'profile_claims' | 'contact_claims'>()
    expect<SetsOf<TString>>().type.toBe<never>()
  })
})
