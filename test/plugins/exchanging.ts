import type { Test } from 'tap'
import type { ClientWithCredentials, NewClientWithSecret } from '../../lib/store/store.js'
import { assertionOf, clientKey } from '../credentials/asserting.js'
import { form, ISSUER, tokenApp, type Parameters } from './token-endpoint-app.js'
import type { TokenEndpointOptions } from '../../plugins/token-endpoint.js'

/** A token endpoint that trusts a login server, and clients that may exchange. */

export const LOGIN = 'https://login.example.com'
export const BILLING = 'https://billing.example.com'
export const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'
export const TYPE = 'urn:ietf:params:oauth:token-type:'

export async function exchangeApp (t: Test, options: Partial<TokenEndpointOptions> = {}) {
  const [login, stranger] = await Promise.all([clientKey('RS256'), clientKey('ES256')])
  const given = await tokenApp(t, { options: { trustedIssuers: [{ issuer: LOGIN, jwks: { keys: [login.publicJwk] }, scopes: ['profile', 'profile:write', 'contact'] }], ...options } })
  const { store, post, request } = given
  const client = async (id: string, roles: string[], more: Partial<NewClientWithSecret> = {}) =>
    await store.clients.create({ id, roles, grants: ['client_credentials', EXCHANGE, JWT_BEARER], ...more })
  /** A client's own token, of these scopes. */
  const ownToken = async (by: ClientWithCredentials, more: Parameters = {}): Promise<string> => (await post(request(by, more))).json().access_token
  const exchange = async (by: ClientWithCredentials, parameters: Parameters | string) =>
    await post(form(request(by, { grant_type: EXCHANGE })) + '&' + (typeof parameters === 'string' ? parameters : form(parameters)))
  return {
    ...given,
    login,
    stranger,
    client,
    ownToken,
    exchange,
    /** What the login server says of a person. */
    person: async (claims: Record<string, unknown> = {}, header = {}, key = login) => await assertionOf('ada', key, { claims: { iss: LOGIN, aud: ISSUER, ...claims }, header })
  }
}

export function claimsOf (token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
}
