import type { PresetName } from '../../lib/issuers/presets.js'

/** Tokens as vendors' documentation shows them, with the names of the tests in place of tenants and accounts. */
export interface VendorTokens {
  /** The path of the issuer on its host. */
  readonly path: string
  /** What the guard's option says beside issuer and preset. */
  readonly option: { readonly audience: string, readonly scopes?: Record<string, string> }
  readonly header: Record<string, unknown>
  readonly access: Record<string, unknown>
  /** What `request.keyhole` has to say. */
  readonly read: { readonly clientId: string, readonly tokenId?: string }
  /** Tokens of the same issuer that are no access tokens for us, by what they are: changes to the access token, `undefined` leaves out. */
  readonly others: Readonly<Record<string, Record<string, unknown>>>
}

const API = 'https://api.example.com'
const GUID = '6731de76-14a6-49ae-97bc-6eba6914391e'

export const VENDORS: Readonly<Record<PresetName, VendorTokens>> = {
  'entra-id': {
    path: '/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0',
    option: { audience: GUID, scopes: { 'Customers.Read': 'profile' } },
    header: { typ: 'JWT' },
    access: { aud: GUID, azp: 'b14c-client', azpacr: '1', oid: 'o', sub: 's', tid: '72f988bf', uti: 'uti-1', ver: '2.0', scp: 'Customers.Read openid', roles: ['banking'] },
    read: { clientId: 'b14c-client', tokenId: 'uti-1' },
    others: {
      'an ID token': { azp: undefined, azpacr: undefined, scp: undefined, nonce: 'n' },
      'an ID token without nonce': { azp: undefined, azpacr: undefined, scp: undefined },
      'a token with c_hash': { c_hash: 'x' },
      'another version': { ver: '3.0' }
    }
  },
  auth0: {
    path: '/',
    option: { audience: API },
    header: { typ: 'JWT' },
    access: { aud: [API, 'https://tenant.example.com/userinfo'], azp: 'my_client_id', sub: 'auth0|123456', scope: 'openid profile' },
    read: { clientId: 'my_client_id' },
    others: {
      'an ID token': { aud: 'my_client_id', azp: undefined, scope: undefined, nonce: 'n' },
      'an ID token for this audience': { azp: undefined, scope: undefined },
      'a token with at_hash': { at_hash: 'x' }
    }
  },
  okta: {
    path: '/oauth2/default',
    option: { audience: 'api://default' },
    header: {},
    access: { ver: 1, jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE', aud: 'api://default', cid: 'nmdP1fcyvdVO11AL7ECm', uid: '00ugrenMeqvYla4HW0g3', sub: 'ada@example.com', scp: ['openid', 'profile'] },
    read: { clientId: 'nmdP1fcyvdVO11AL7ECm', tokenId: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE' },
    others: {
      'an ID token': { jti: 'ID.x', cid: undefined, scp: undefined, at_hash: 'x' },
      'an ID token for this audience': { jti: 'ID.x', cid: undefined, scp: undefined },
      'a token without jti': { jti: undefined }
    }
  },
  keycloak: {
    path: '/realms/acme',
    option: { audience: API },
    header: { typ: 'JWT' },
    access: { jti: 'trrtcc:312ee6', aud: [API, 'account'], sub: 'f1c4f64e', typ: 'Bearer', azp: 'callcenter', acr: '1', realm_access: { roles: ['banking'] }, scope: 'email profile' },
    read: { clientId: 'callcenter', tokenId: 'trrtcc:312ee6' },
    others: {
      'an ID token': { typ: 'ID' },
      'a refresh token': { typ: 'Refresh' },
      'a logout token': { typ: 'Logout' },
      'a token without typ': { typ: undefined }
    }
  },
  cognito: {
    path: '/eu-central-1_EXAMPLE',
    option: { audience: 'djc98u3jiedmi283eu928' },
    header: {},
    access: { sub: 'aaaaaaaa-bbbb', token_use: 'access', client_id: 'djc98u3jiedmi283eu928', version: 2, jti: 'j1', origin_jti: 'j0', username: 'ada', scope: 'openid profile' },
    read: { clientId: 'djc98u3jiedmi283eu928', tokenId: 'j1' },
    others: {
      'an ID token': { token_use: 'id', aud: 'djc98u3jiedmi283eu928', client_id: undefined, scope: undefined },
      'an ID token with client_id': { token_use: 'id' },
      'a token without token_use': { token_use: undefined },
      'a token for another resource': { aud: 'https://other.example.com' },
      'a token of another client': { client_id: 'other' }
    }
  },
  google: {
    path: '',
    option: { audience: API, scopes: { 104810481048: 'profile' } },
    header: { typ: 'JWT' },
    access: { aud: API, azp: '104810481048', email: 'svc@project.iam.gserviceaccount.com', email_verified: true, sub: '104810481048' },
    read: { clientId: '104810481048' },
    others: {
      "an ID token of a person's login": { nonce: 'n', at_hash: 'x' },
      'an ID token for another service': { aud: 'https://other.example.com' }
    }
  }
}
