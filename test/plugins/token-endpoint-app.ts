import type { Server } from 'node:http'
import Fastify, { type FastifyHttpOptions, type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import type { Test } from 'tap'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { openStore } from '../../lib/store/open-store.js'
import type { ClientWithCredentials, Store } from '../../lib/store/store.js'
import tokenEndpoint, { type TokenEndpointOptions } from '../../plugins/token-endpoint.js'

/** A token endpoint with a store in memory and a manager and an editor in it, for the tests about it. */

export const ISSUER = 'https://auth.example.com'
export const AUDIENCE = 'https://api.example.com'
export const FORM = 'application/x-www-form-urlencoded'

export const POLICY = {
  claimSets: { profile_claims: {}, contact_claims: {}, address_claims: {} },
  scopes: {
    contact: { reads: ['contact_claims'] },
    profile: { reads: ['profile_claims'] },
    address: { reads: ['address_claims'] },
    'profile:write': { writes: ['profile_claims'] }
  },
  roles: { manager: ['profile', 'address'], editor: ['profile', 'profile:write'], writer: ['profile:write'] }
}

export type Parameters = Record<string, string>

export interface TokenApp {
  readonly app: FastifyInstance
  readonly store: Store
  readonly manager: ClientWithCredentials
  readonly editor: ClientWithCredentials
  /** The parameters of a good request of this client. */
  request (client: ClientWithCredentials, more?: Parameters): Parameters
  post (parameters: Parameters | string, headers?: Record<string, string>): Promise<LightMyRequestResponse>
}

interface Setting {
  readonly options?: Partial<TokenEndpointOptions>
  readonly server?: FastifyHttpOptions<Server>
  /** What the application does before it registers the endpoint. */
  readonly before?: (app: FastifyInstance) => unknown
}

export async function tokenApp (t: Test, { options = {}, server = {}, before }: Setting = {}): Promise<TokenApp> {
  const store = await openStore('sqlite::memory:')
  const app = Fastify(server)
  t.teardown(async () => {
    await app.close()
    await store.close()
  })
  await before?.(app)
  await app.register(tokenEndpoint, {
    issuer: ISSUER, audience: AUDIENCE, policy: POLICY, store, credentialProvider: storeCredentialProvider(store), ...options
  })
  return {
    app,
    store,
    manager: await store.clients.create({ id: 'crm', roles: ['manager'] }),
    editor: await store.clients.create({ id: 'cms', roles: ['editor'] }),
    request: ({ id, clientSecret, apiKey }, more = {}) =>
      ({ grant_type: 'client_credentials', client_id: id, client_secret: clientSecret, api_key: apiKey, ...more }),
    post: (parameters, headers = {}) => app.inject({
      method: 'POST',
      url: '/oauth2/token',
      headers: { 'content-type': FORM, ...headers },
      payload: typeof parameters === 'string' ? parameters : form(parameters)
    })
  }
}

export function form (parameters: Parameters): string {
  return new URLSearchParams(parameters).toString()
}

export function without (parameters: Parameters, ...names: string[]): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !names.includes(name)))
}

/** An Authorization header, with both parts form-encoded (RFC 6749 2.3.1). */
export function basic (id: string, secret: string): string {
  const encode = (text: string) => form({ x: text }).slice(2)
  return 'Basic ' + Buffer.from(`${encode(id)}:${encode(secret)}`).toString('base64')
}

/** Whether this is an error answer as RFC 6749 5.2 has it, and nothing beside it. */
export function isRefusal (t: Test, response: LightMyRequestResponse, status: number, code: string, name: string = code): void {
  t.equal(response.statusCode, status, name)
  t.match(response.headers['content-type'], /^application\/json/, name)
  t.equal(response.headers['cache-control'], 'no-store', name)
  t.equal(response.headers.pragma, 'no-cache', name)
  t.strictSame(Object.keys(response.json()), ['error', 'error_description'], name)
  t.equal(response.json().error, code, name)
  t.match(response.json().error_description, /^[\x20\x21\x23-\x5b\x5d-\x7e]+$/, name)
}
