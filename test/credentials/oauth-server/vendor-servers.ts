import type { OAuthPresetName } from '../../../lib/credentials/oauth-server/presets.js'
import type { OAuthProviderOptions } from '../../../lib/credentials/oauth-server/options.js'

/** What a vendor is asked and answers, as its documentation shows it, with the names of the tests in place of tenants. */
export interface VendorServer {
  /** The path of the issuer on its host. */
  readonly issuer: string
  /** The path of its token endpoint. */
  readonly tokenEndpoint: string
  /** What the options say beside issuer, preset and API key. */
  readonly options: Partial<OAuthProviderOptions>
  /** What has to stand in the form of a request, beside the credentials. */
  readonly asks: Readonly<Record<string, string>>
  readonly byHeader: boolean
  readonly header: Record<string, unknown>
  /** The claims of an access token of the client `crm`, beside iss, iat and exp. */
  readonly claims: Record<string, unknown>
  readonly roles: readonly string[]
  /** How it refuses a client. */
  readonly refusals: readonly (readonly [status: number, body: Record<string, string>])[]
  /** Claims by which the token would be another client's. */
  readonly another: Record<string, unknown>
}

const API = 'https://api.example.com'
const INVALID_CLIENT = { error: 'invalid_client' }

export const VENDOR_SERVERS: Readonly<Record<Exclude<OAuthPresetName, 'google'>, VendorServer>> = {
  'entra-id': {
    issuer: '/tenant/v2.0',
    tokenEndpoint: '/tenant/oauth2/v2.0/token',
    options: { audience: '6731de76-14a6-49ae-97bc-6eba6914391e', roles: { names: { 'Customers.Read': 'salesperson' } } },
    asks: { grant_type: 'client_credentials', scope: '6731de76-14a6-49ae-97bc-6eba6914391e/.default' },
    byHeader: false,
    header: { typ: 'JWT' },
    claims: { aud: '6731de76-14a6-49ae-97bc-6eba6914391e', ver: '2.0', azp: 'crm', sub: 'object', uti: 'u1', roles: ['Customers.Read', 'Unnamed'] },
    roles: ['salesperson'],
    refusals: [
      [401, { error: 'invalid_client', error_description: 'AADSTS7000215: Invalid client secret provided.' }],
      [400, { error: 'unauthorized_client', error_description: 'AADSTS700016: Application was not found in the directory.' }]
    ],
    another: { azp: 'other' }
  },
  auth0: {
    issuer: '/',
    tokenEndpoint: '/oauth/token',
    options: { audience: API },
    asks: { grant_type: 'client_credentials', audience: API },
    byHeader: false,
    header: { typ: 'JWT' },
    claims: { aud: API, azp: 'crm', sub: 'crm@clients', gty: 'client-credentials', scope: 'manager editor' },
    roles: ['manager', 'editor'],
    refusals: [[401, { error: 'access_denied', error_description: 'Unauthorized' }], [403, { error: 'access_denied', error_description: 'Client is not authorized' }]],
    another: { azp: 'other' }
  },
  okta: {
    issuer: '/oauth2/default',
    tokenEndpoint: '/oauth2/default/v1/token',
    options: { audience: 'api://default', parameters: { scope: 'roles' }, roles: { claim: 'groups' } },
    asks: { grant_type: 'client_credentials', scope: 'roles' },
    byHeader: true,
    header: {},
    claims: { aud: 'api://default', ver: 1, cid: 'crm', sub: 'crm', jti: 'AT.1', scp: ['roles'], groups: ['manager'] },
    roles: ['manager'],
    refusals: [[401, INVALID_CLIENT], [400, { error: 'access_denied', error_description: 'Policy evaluation failed for this request.' }]],
    another: { cid: 'other' }
  },
  keycloak: {
    issuer: '/realms/shop',
    tokenEndpoint: '/realms/shop/protocol/openid-connect/token',
    options: { audience: API },
    asks: { grant_type: 'client_credentials' },
    byHeader: true,
    header: { typ: 'JWT' },
    claims: { aud: [API, 'account'], typ: 'Bearer', azp: 'crm', sub: 'service-account', jti: 'j1', realm_access: { roles: ['manager', 'offline_access'] } },
    roles: ['manager', 'offline_access'],
    refusals: [[401, { error: 'unauthorized_client', error_description: 'Invalid client or Invalid client credentials' }]],
    another: { azp: 'other' }
  },
  cognito: {
    issuer: '/eu-central-1_pool',
    tokenEndpoint: '/oauth2/token',
    options: { tokenEndpoint: '/oauth2/token', roles: { names: { 'customers/read': ['salesperson', 'viewer'] } } },
    asks: { grant_type: 'client_credentials' },
    byHeader: true,
    header: {},
    claims: { token_use: 'access', client_id: 'crm', sub: 'crm', jti: 'j1', scope: 'customers/read customers/write' },
    roles: ['salesperson', 'viewer'],
    refusals: [[400, INVALID_CLIENT], [400, { error: 'unauthorized_client' }]],
    another: { client_id: 'other' }
  }
}
