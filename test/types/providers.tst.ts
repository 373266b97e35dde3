import { oauthCredentialProvider, sqlCredentialProvider, type ApiKeys, type CredentialProvider, type OAuthCredentialProvider, type OAuthProviderOptions, type SqlClientRow } from 'fastify-keyhole'
import type { Store } from 'fastify-keyhole/store'
import type { Kysely } from 'kysely'
import { describe, expect, test } from 'tstyche'

declare const store: Store
declare const db: Kysely<{ clients: { id: string, hash: string, roles: string } }>

describe('API keys beside a provider', () => {
  test('are known to the store or a function', () => {
    expect(store).type.toBeAssignableTo<ApiKeys>()
    expect((clientId: string, apiKey: string) => clientId === apiKey).type.toBeAssignableTo<ApiKeys>()
    expect(async () => true).type.toBeAssignableTo<ApiKeys>()
    expect(() => 'yes').type.not.toBeAssignableTo<ApiKeys>()
    expect({}).type.not.toBeAssignableTo<ApiKeys>()
  })
})

describe('oauthCredentialProvider', () => {
  test('takes an issuer, and what is to be known of it', () => {
    const issuer = 'https://login.example.com'
    expect(oauthCredentialProvider({ issuer, audience: 'api', apiKeys: store })).type.toBe<Promise<OAuthCredentialProvider>>()
    expect({ issuer, preset: 'okta' as const, parameters: { scope: 'roles' } }).type.toBeAssignableTo<OAuthProviderOptions>()
    expect({ issuer, roles: { claim: ['realm_access', 'roles'], names: { a: ['b'], c: 'd' } } }).type.toBeAssignableTo<OAuthProviderOptions>()
    expect({ issuer, roles: (claims: Readonly<Record<string, unknown>>) => [String(claims['tier'])] }).type.toBeAssignableTo<OAuthProviderOptions>()
    expect({ issuer, introspection: {} }).type.toBeAssignableTo<OAuthProviderOptions>()
    expect({ issuer, introspection: true }).type.not.toBeAssignableTo<OAuthProviderOptions>()
    expect({ issuer, preset: 'azure' as const }).type.not.toBeAssignableTo<OAuthProviderOptions>()
    expect({ audience: 'api' }).type.not.toBeAssignableTo<OAuthProviderOptions>()
  })
})

describe('sqlCredentialProvider', () => {
  test('takes a query of Kysely or a promise of rows, and gives the query its database', () => {
    const provider = sqlCredentialProvider({
      db,
      query: (clientId, db) => db.selectFrom('clients').select(['id', 'hash as secretHash', 'roles']).where('id', '=', clientId),
      requireApiKey: false
    })
    expect(provider).type.toBe<CredentialProvider>()
    const rows = async (): Promise<SqlClientRow[]> => []
    expect(sqlCredentialProvider({ db: async () => db, query: async (clientId, db) => await db.selectFrom('clients').select('id').where('id', '=', clientId).execute(), apiKeys: 'query' })).type.toBe<CredentialProvider>()
    expect(sqlCredentialProvider({ db: {}, query: rows, apiKeys: store })).type.toBe<CredentialProvider>()
  })

  test('takes no rows without an id, and no other times', () => {
    expect({ id: 'crm', expiresAt: new Date() }).type.toBeAssignableTo<SqlClientRow>()
    expect({ id: 'crm', expiresAt: '2027-01-01' }).type.not.toBeAssignableTo<SqlClientRow>()
    expect({ secretHash: 'x' }).type.not.toBeAssignableTo<SqlClientRow>()
  })
})
