import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import { createPolicy, report, swaggerTransforms, type GuardIssuerOption, type KeyholeRouteConfig, type KeyOptions, type LimitOptions, type Notice, type ObservedEvent, type ObserveOptions, type PolicyOption, type Report, type ResourceGuardOptions, type ReuseOptions, type SwaggerTransforms, type TokenEndpointOptions } from 'fastify-keyhole'
import type { ClientChanges, Clients, KeyEncryption, Store, StoreOptions, UpdatedClient } from 'fastify-keyhole/store'
import { dpopFor, type DpopHeaders } from 'fastify-keyhole/testing'
import { describe, expect, test } from 'tstyche'

declare const store: Store

describe('the option policy', () => {
  test('takes a policy, a document, a file or a store', () => {
    expect(createPolicy({})).type.toBeAssignableTo<PolicyOption>()
    expect({ claimSets: { a: {} }, scopes: { a: { reads: ['a'] } }, roles: {} }).type.toBeAssignableTo<PolicyOption>()
    expect({ file: 'policy.json' }).type.toBeAssignableTo<PolicyOption>()
    expect({ file: new URL('file:///policy.json') }).type.toBeAssignableTo<PolicyOption>()
    expect({ store }).type.toBeAssignableTo<PolicyOption>()
    expect<ResourceGuardOptions['policy']>().type.toBe<PolicyOption | undefined>()
  })

  test('takes nothing else', () => {
    expect('policy.json').type.not.toBeAssignableTo<PolicyOption>()
    expect({ file: 1 }).type.not.toBeAssignableTo<PolicyOption>()
    expect({ store: {} }).type.not.toBeAssignableTo<PolicyOption>()
    expect({ claimSets: {}, scopes: {} }).type.not.toBeAssignableTo<PolicyOption>()
  })
})

describe('keys and limits', () => {
  test('take their members, and no others', () => {
    expect({ algorithm: 'EdDSA' as const, rotateEvery: 86_400, announce: 600 }).type.toBeAssignableTo<KeyOptions>()
    expect({ algorithm: 'HS256' as const }).type.not.toBeAssignableTo<KeyOptions>()
    expect({ failures: { max: 5, window: 60 } }).type.toBeAssignableTo<LimitOptions>()
    expect({ failures: { max: '5' } }).type.not.toBeAssignableTo<LimitOptions>()
  })

  test('are encrypted by a key, by several, or by functions that may be async', () => {
    expect({ keyEncryption: process.env['KEYHOLE_KEY_ENCRYPTION'] }).type.toBeAssignableTo<StoreOptions>()
    expect(['new', 'old'] as const).type.toBeAssignableTo<KeyEncryption>()
    expect({ wrap: (text: string) => text, unwrap: async (text: string) => text }).type.toBeAssignableTo<KeyEncryption>()
    expect({ wrap: (text: string) => text }).type.not.toBeAssignableTo<KeyEncryption>()
    expect(32).type.not.toBeAssignableTo<KeyEncryption>()
  })
})

describe('observing', () => {
  test('takes its last day as a string', () => {
    expect({ until: '2027-01-31' }).type.toBeAssignableTo<ObserveOptions>()
    expect({ until: new Date() }).type.not.toBeAssignableTo<ObserveOptions>()
    expect({}).type.not.toBeAssignableTo<ObserveOptions>()
  })

  test('tells names, which cannot be changed', () => {
    expect<ObservedEvent['withheld']>().type.toBe<readonly string[]>()
    expect<ObservedEvent>().type.toBe<Readonly<{ route: string, clientId: string, withheld: readonly string[], refused: readonly string[], times: number }>>()
    expect<(event: ObservedEvent) => void>().type.toBeAssignableTo<NonNullable<ResourceGuardOptions['onObserved']>>()
  })
})

describe('report', () => {
  test('takes an application, and is data that cannot be changed', () => {
    expect(report(Fastify())).type.toBe<Promise<Report>>()
    expect(report).type.not.toBeCallableWith('app.js')
    expect<Report['notices']>().type.toBe<readonly Notice[]>()
    expect<Report['rows'][number]['part']>().type.toBe<'response' | 'body' | 'query'>()
    expect<Report['rows'][number]['routeScopes']>().type.toBe<readonly string[] | undefined>()
    expect<'observing'>().type.toBeAssignableTo<Notice['kind']>()
    expect<Report['rows'][number]['mustBeBound']>().type.toBe<boolean>()
  })
})

describe('swaggerTransforms', () => {
  test('gives what @fastify/swagger takes', () => {
    expect(swaggerTransforms({ role: 'clerk' })).type.toBe<SwaggerTransforms>()
    expect(swaggerTransforms).type.not.toBeCallableWith({ roles: 'clerk' })
    const app = Fastify()
    app.register(swagger, { openapi: {}, ...swaggerTransforms() })
  })
})

describe('issuers of a guard', () => {
  test('take an audience each, and the names of presets', () => {
    expect({ issuer: 'https://login.example.com', audience: 'api' }).type.toBeAssignableTo<GuardIssuerOption>()
    expect({ issuer: 'https://login.example.com' }).type.not.toBeAssignableTo<GuardIssuerOption>()
    expect<NonNullable<GuardIssuerOption['preset']>>().type.toBe<'auth0' | 'cognito' | 'entra-id' | 'google' | 'keycloak' | 'okta'>()
    expect<ResourceGuardOptions['issuers']>().type.toBe<readonly GuardIssuerOption[] | undefined>()
  })
})

describe('the option dpop', () => {
  test('takes what each plugin can do with it', () => {
    expect({ required: true, baseUrl: 'https://api.example.com', nonce: 300, nonceKey: 'x' }).type.toBeAssignableTo<NonNullable<ResourceGuardOptions['dpop']>>()
    expect({ nonce: true }).type.toBeAssignableTo<NonNullable<TokenEndpointOptions['dpop']>>()
    expect('required').type.not.toBeAssignableTo<NonNullable<ResourceGuardOptions['dpop']>>()
    expect<KeyholeRouteConfig['dpop']>().type.toBe<{ readonly required: boolean } | undefined>()
  })

  test('has headers for tests', () => {
    expect(dpopFor(Fastify(), { scope: 'profile' })).type.toBe<Promise<(method: string, path: string) => Promise<DpopHeaders>>>()
  })
})

describe('lifetimes and tokens that are given again', () => {
  test('take seconds', () => {
    expect({ banking: 60 }).type.toBeAssignableTo<NonNullable<TokenEndpointOptions['scopeLifetimes']>>()
    expect({ banking: '1m' }).type.not.toBeAssignableTo<NonNullable<TokenEndpointOptions['scopeLifetimes']>>()
    expect({ remaining: 60 }).type.toBeAssignableTo<ReuseOptions>()
    expect({}).type.not.toBeAssignableTo<ReuseOptions>()
    expect<TokenEndpointOptions['reuseTokens']>().type.toBe<ReuseOptions | undefined>()
  })
})

describe('changes of a client', () => {
  test('take what can change', () => {
    expect({ roles: ['manager'], tokenLifetime: null }).type.toBeAssignableTo<ClientChanges>()
    expect({ jwksUrl: 'https://crm.example.com/jwks.json' }).type.toBeAssignableTo<ClientChanges>()
    expect({}).type.toBeAssignableTo<ClientChanges>()
    expect({ roles: null }).type.not.toBeAssignableTo<ClientChanges>()
    expect<'id' | 'authMethod' | 'clientSecret' | 'apiKey' | 'disabled'>().type.not.toBeAssignableTo<keyof ClientChanges>()
  })

  test('give the client as it is then', () => {
    expect<ReturnType<Clients['update']>>().type.toBe<Promise<UpdatedClient>>()
    expect<UpdatedClient['apiKey']>().type.toBe<string | undefined>()
    expect<UpdatedClient>().type.not.toHaveProperty('clientSecret')
  })
})
