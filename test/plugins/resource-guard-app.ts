import Fastify, { type FastifyInstance, type FastifyServerOptions, type InjectOptions, type LightMyRequestResponse } from 'fastify'
import { Type } from '@sinclair/typebox'
import type { Test } from 'tap'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import resourceGuard, { type ResourceGuardOptions } from '../../plugins/resource-guard.js'
import { AUDIENCE, claims, forge, ISSUER, keyPair, type Forgery, type KeyPair } from '../access-token/forge.js'

/** An API behind a guard that knows one public key, for the tests about the guard. */

export { AUDIENCE, ISSUER }

export const POLICY = {
  claimSets: { profile_claims: {}, contact_claims: {}, address_claims: {}, banking_claims: {} },
  scopes: {
    contact: { reads: ['contact_claims'] },
    profile: { reads: ['profile_claims'] },
    address: { reads: ['address_claims'] },
    banking: { reads: ['banking_claims'] },
    'profile:write': { writes: ['profile_claims'] },
    'address:write': { writes: ['address_claims'] },
    'banking:write': { writes: ['banking_claims'] }
  },
  roles: {}
}

export const ALL = 'contact profile address banking profile:write address:write banking:write'

export const Customer = Type.Object({
  id: claimSet(ANY_TOKEN, Type.String()),
  name: claimSet(['profile_claims', 'contact_claims'], Type.String()),
  age: claimSet('profile_claims', Type.Integer()),
  address: claimSet('address_claims', Type.Object({ street: Type.String(), city: Type.String() })),
  banking: claimSet('banking_claims', Type.Object({ iban: Type.String(), balance: Type.Number() }))
})

/** Nothing but this stands in no other field, header, name or message. */
export const SECRET = 'DE89370400440532013000'

export const JANE = Object.freeze({
  id: 'c1', name: 'Jane Doe', age: 41, address: { street: 'Long Street 1', city: 'Springfield' }, banking: { iban: SECRET, balance: 1234.5 }
})

export const KEY = keyPair('k1')

/** A token that is good now, with these changes to its claims; `undefined` leaves one out. */
export function tokenOf (scope = '', changes: Record<string, unknown> = {}, forgery: Partial<Forgery> = {}): string {
  const now = Math.floor(Date.now() / 1000)
  return forge({ key: KEY, claims: claims({ iat: now, exp: now + 300, jti: Math.random().toString(36), scope, ...changes }), ...forgery })
}

export function bearer (token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

export function publicJwk ({ kid, alg, publicKey }: KeyPair) {
  return { ...publicKey.export({ format: 'jwk' }) as { kty: string }, kid, alg, use: 'sig' }
}

export const GUARD: ResourceGuardOptions = { issuer: ISSUER, audience: AUDIENCE, policy: POLICY, jwks: { keys: [publicJwk(KEY)] } }

export interface Setting {
  readonly options?: Partial<ResourceGuardOptions>
  readonly server?: FastifyServerOptions
  /** What the application does before, on its outermost context. */
  readonly before?: (app: FastifyInstance) => unknown
  readonly prefix?: string
}

export interface LogLine { readonly level: number, readonly msg: string, readonly [member: string]: unknown }

export interface GuardedApp {
  readonly app: FastifyInstance
  /** Everything that was logged, from the level trace on, as text and line by line. */
  readonly log: { text (): string, lines (): LogLine[] }
  /** A GET, unless the options say otherwise, with a token of these scopes; without a token where scope is null. */
  get (url: string, scope?: string | null, options?: InjectOptions): Promise<LightMyRequestResponse>
}

/** An application with a guarded context, in which these routes are declared after the guard. */
export async function guardedApp (t: Test, routes: (api: FastifyInstance) => unknown, { options = {}, server = {}, before, prefix = '' }: Setting = {}): Promise<GuardedApp> {
  const written: string[] = []
  const app = Fastify({ logger: { level: 'trace', stream: { write: (line: string) => { written.push(line) } } }, ...server }) as unknown as FastifyInstance
  t.teardown(() => app.close())
  await before?.(app)
  app.register(async api => {
    await api.register(resourceGuard, { ...GUARD, ...options })
    await routes(api)
  }, { prefix })
  await app.ready()
  return {
    app,
    log: { text: () => written.join(''), lines: () => written.map(line => JSON.parse(line) as LogLine) },
    get: (url, scope = '', { headers, ...others } = {}) => app.inject({
      method: 'GET', url, headers: { ...(scope === null ? {} : bearer(tokenOf(scope))), ...headers }, ...others
    })
  }
}

/** One route, `GET /customer`, with a schema for 200 and this handler. */
export function customerRoute (handler: () => unknown = async () => JANE) {
  return (api: FastifyInstance) => { api.get('/customer', { schema: { response: { 200: Customer } } }, async () => handler() as object) }
}

/** The faults of an application that does not boot, line by line. */
export async function bootFaults (t: Test, routes: (api: FastifyInstance) => unknown, setting: Setting = {}): Promise<string[]> {
  try {
    await guardedApp(t, routes, setting)
  } catch (error) {
    const { code, message } = error as { code?: string, message: string }
    t.equal(code, 'FST_KEYHOLE_ROUTE_INVALID', message)
    return message.split('\n').slice(1).map(line => line.trim())
  }
  t.fail('it booted')
  return []
}

/** Whether this is a refusal as RFC 6750 3 has it, in Fastify's error shape, with nothing beside it. */
export function isRefusal (t: Test, response: LightMyRequestResponse, status: number, challenge: RegExp | string, what = String(status)): void {
  const { statusCode, headers, payload } = response
  t.equal(statusCode, status, what)
  t.match(headers['www-authenticate'], challenge, what)
  t.equal(headers['cache-control'], 'no-store', what)
  t.match(headers['content-type'], /^application\/json/, what)
  const body = JSON.parse(payload)
  t.strictSame(Object.keys(body), ['statusCode', 'code', 'error', 'message'], what)
  t.equal(body.statusCode, status, what)
  t.match(body.code, /^FST_KEYHOLE_/, what)
  for (const one of String(headers['www-authenticate']).split(/, (?=DPoP )/)) {
    const attributes = [...one.matchAll(/([a-z_]+)="[\x20-\x21\x23-\x5B\x5D-\x7E]*"/g)].map(match => match[1])
    t.strictSame(attributes, [...new Set(attributes)], `A89 ${what}: each attribute of a challenge once`)
  }
}

/** Both ways to send a token, as the guard asks for it. */
export const ASKED = /^Bearer resource_metadata="https:\/\/api\.example\.com\/\.well-known\/oauth-protected-resource", DPoP algs="ES256 EdDSA Ed25519", resource_metadata="[^"]+"$/

export const INVALID_TOKEN = /^Bearer error="invalid_token", error_description="[\x20-\x21\x23-\x5B\x5D-\x7E]+", resource_metadata="[^"]+", DPoP algs="[^"]+", resource_metadata="[^"]+"$/
