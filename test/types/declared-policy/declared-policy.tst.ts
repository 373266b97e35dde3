import { Type } from '@sinclair/typebox'
import { describe, expect, test } from 'tstyche'
import { ANY_TOKEN, claimSet, type ClaimSetName, type Released } from 'fastify-keyhole'

const document = { claimSets: { profile_claims: {}, banking_claims: {} }, scopes: {}, roles: {} } as const

declare module 'fastify-keyhole' {
  interface DeclaredPolicy { claimSets: keyof typeof document.claimSets }
}

describe('a declared policy', () => {
  test('its claim sets → names that can be written', () => {
    expect<ClaimSetName>().type.toBe<'profile_claims' | 'banking_claims'>()
    expect(claimSet).type.toBeCallableWith('profile_claims', Type.String())
    expect(claimSet).type.toBeCallableWith(['profile_claims', 'banking_claims'], Type.String())
    expect(claimSet).type.toBeCallableWith(ANY_TOKEN, Type.String())
  })

  test('another name → an error of the compiler', () => {
    expect(claimSet).type.not.toBeCallableWith('profil_claims', Type.String())
    expect(claimSet).type.not.toBeCallableWith(['profile_claims', 'bank_claims'], Type.String())
    expect(claimSet).type.toBeCallableWith('profile_claims', Type.String(), { mask: { last4: ['banking_claims'] } })
    expect(claimSet).type.not.toBeCallableWith('profile_claims', Type.String(), { mask: { last4: 'bank_claims' } })
    const schema = Type.Object({ name: claimSet('profile_claims', Type.String()) })
    expect<Released<typeof schema, 'profile_claims'>>().type.toBe<{ name: string }>()
    // @ts-expect-error does not satisfy the constraint
    expect<Released<typeof schema, 'bank_claims'>>().type.toBe<Record<string, never>>()
  })
})
