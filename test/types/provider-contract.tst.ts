import nodeTest from 'node:test'
import { Type } from '@sinclair/typebox'
import { chainCredentialProviders, restCredentialProvider, type ChainMember, type CredentialProvider, type ProviderEvent, type RequestContext, type RestProviderOptions, type TokenEndpointOptions } from 'fastify-keyhole'
import { credentialProviderContract, type ContractTest, type ProviderSubject, type Without } from 'fastify-keyhole/testing'
import tap from 'tap'
import { describe, expect, test } from 'tstyche'

declare const subject: ProviderSubject
declare const provider: CredentialProvider

describe('restCredentialProvider', () => {
  test('takes a function that gets what the schema says', () => {
    expect(restCredentialProvider({
      url: 'https://clients.example.com/verify',
      answer: Type.Object({ groups: Type.Array(Type.String()) }),
      principal: ({ groups }, { clientId }) => ({ clientId, roles: groups })
    })).type.toBe<CredentialProvider>()
    expect(restCredentialProvider({ url: new URL('https://clients.example.com'), headers: { authorization: process.env['VERIFY_TOKEN'] } })).type.toBe<CredentialProvider>()
  })

  test('takes JSON pointers, with that of the roles', () => {
    expect({ url: 'https://clients.example.com', principal: { roles: '/groups' } }).type.toBeAssignableTo<RestProviderOptions>()
    expect({ url: 'https://clients.example.com', principal: { clientId: '/id' } }).type.not.toBeAssignableTo<RestProviderOptions>()
    expect({ url: 'https://clients.example.com', tls: { cert: 'PEM', key: 'PEM' }, breaker: false as const, cache: { yes: 10 } }).type.toBeAssignableTo<RestProviderOptions>()
    expect({}).type.not.toBeAssignableTo<RestProviderOptions>()
  })
})

describe('chainCredentialProviders', () => {
  test('takes members with a name', () => {
    expect(chainCredentialProviders([{ name: 'a', provider, clientIdPrefix: 'a-', ifRefused: 'b' }, { name: 'b', provider }])).type.toBe<CredentialProvider>()
    expect({ provider }).type.not.toBeAssignableTo<ChainMember>()
  })
})

describe('events of providers', () => {
  test('are told to the endpoint, and by it', () => {
    expect<(event: ProviderEvent) => void>().type.toBeAssignableTo<NonNullable<TokenEndpointOptions['onProvider']>>()
    expect<RequestContext['report']>().type.toBe<((event: ProviderEvent) => void) | undefined>()
    expect<ProviderEvent['breaker']>().type.toBe<'closed' | 'open' | 'half-open' | undefined>()
  })
})

describe('credentialProviderContract', () => {
  test('runs under tap and node:test', () => {
    expect(tap).type.toBeAssignableTo<ContractTest>()
    expect<nodeTest.TestContext>().type.toBeAssignableTo<ContractTest>()
    expect(credentialProviderContract(tap, () => subject)).type.toBe<Promise<void>>()
  })

  test('takes no part for granted', () => {
    expect<ProviderSubject['rotating']>().type.toBe<readonly [import('fastify-keyhole').ClientCredentials, import('fastify-keyhole').ClientCredentials] | Without>()
    expect<Omit<ProviderSubject, 'rotating'>>().type.not.toBeAssignableTo<ProviderSubject>()
  })
})
