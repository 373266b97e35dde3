import t from 'tap'
import { oauthSettings, type OAuthProviderOptions } from '../../../lib/credentials/oauth-server/options.js'

const RIGHT = { issuer: 'https://login.example.com', audience: 'https://api.example.com' }

t.test('right options → settings with what the preset says', async t => {
  t.match(oauthSettings(RIGHT), { issuer: { issuer: RIGHT.issuer }, audience: RIGHT.audience, tokenEndpoint: undefined, clientAuthentication: 'client_secret_basic', parameters: {}, roles: {} })
  const entra = oauthSettings({ preset: 'entra-id', issuer: 'https://login.microsoftonline.com/tenant/v2.0', audience: 'api$&', jwks: 'https://login.microsoftonline.com/keys', clientAuthentication: 'client_secret_basic', parameters: { claims: 'x' } })
  t.match(entra, { tokenEndpoint: 'https://login.microsoftonline.com/tenant/oauth2/v2.0/token', clientAuthentication: 'client_secret_basic', parameters: { scope: 'api$&/.default', claims: 'x' } })
  t.equal(oauthSettings({ preset: 'auth0', issuer: 'https://tenant.auth0.com/', audience: 'a' }).tokenEndpoint, 'https://tenant.auth0.com/oauth/token')
  t.equal(oauthSettings({ preset: 'cognito', issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/pool', jwksOrigin: 'https://keys.example.com' }).audience, undefined)
  t.match(oauthSettings({ issuer: RIGHT.issuer, introspection: { clientId: 'api', clientSecret: 's' } }), { introspection: { clientId: 'api' } })
})

t.test('a wrong option → refused by its name, with what to write', async t => {
  const wrong: [unknown, RegExp][] = [
    [undefined, /write an object/],
    [null, /write an object/],
    [{}, /oauthCredentialProvider\.issuer: write what iss says/],
    [{ ...RIGHT, secret: 1 }, /there is no option secret; there are issuer, /],
    [{ ...RIGHT, issuer: 'http://login.example.com' }, /oauthCredentialProvider\.issuer: write what iss says/],
    [{ issuer: RIGHT.issuer }, /write audience/],
    [{ ...RIGHT, audience: '' }, /write audience/],
    [{ ...RIGHT, audience: '', introspection: {} }, /write audience/],
    [{ preset: 'auth0', issuer: RIGHT.issuer, introspection: {} }, /write audience, which requests/],
    [{ ...RIGHT, preset: 'azure' }, /preset: write auth0, cognito, entra-id, google, keycloak, okta/],
    [{ ...RIGHT, preset: 'google' }, /preset: Google/],
    [{ ...RIGHT, preset: 'okta' }, /parameters\.scope: write it/],
    [{ ...RIGHT, tokenEndpoint: 'http://login.example.com/token' }, /tokenEndpoint: write its URL/],
    [{ ...RIGHT, tokenEndpoint: 1 }, /tokenEndpoint: write its URL/],
    [{ ...RIGHT, clientAuthentication: 'none' }, /clientAuthentication: write 'client_secret_basic' or/],
    [{ ...RIGHT, parameters: ['scope'] }, /parameters: write what each request/],
    [{ ...RIGHT, parameters: null }, /parameters: write/],
    [{ ...RIGHT, parameters: { scope: 1 } }, /parameters: write/],
    [{ ...RIGHT, parameters: { client_secret: 'x' } }, /parameters\.client_secret: leave it out/],
    [{ ...RIGHT, parameters: { grant_type: 'password' } }, /parameters\.grant_type: leave it out/],
    [{ ...RIGHT, introspection: true }, /introspection: write \{ clientId, clientSecret \}/],
    [{ ...RIGHT, introspection: null }, /introspection: write/],
    [{ ...RIGHT, introspection: { url: 'x' } }, /introspection: write/],
    [{ ...RIGHT, introspection: { clientId: 'api' } }, /introspection: write/],
    [{ ...RIGHT, introspection: { clientSecret: 's' } }, /introspection: write/],
    [{ ...RIGHT, introspection: { clientId: '', clientSecret: 's' } }, /introspection: write/],
    [{ ...RIGHT, introspection: { endpoint: 'ftp://x' } }, /introspection\.endpoint: write its URL/],
    [{ ...RIGHT, introspection: {}, jwks: { keys: [] } }, /leave out jwks/],
    [{ ...RIGHT, introspection: {}, jwksOrigin: 'https://keys.example.com' }, /leave out jwks/],
    ...[null, 5, { yes: -1 }, { no: 301 }, { yes: '5' }, { always: 5 }].map((cache): [unknown, RegExp] => [{ ...RIGHT, cache }, /cache: write \{ yes, no \}/]),
    [{ ...RIGHT, log: {} }, /log: write app\.log/],
    [{ ...RIGHT, log: null }, /log: write app\.log/],
    [{ ...RIGHT, timeout: '5' }, /timeout: write seconds/],
    [{ ...RIGHT, timeout: 0 }, /timeout: write seconds/],
    [{ ...RIGHT, timeout: 10 }, /timeout: write seconds/],
    [{ ...RIGHT, timeout: NaN }, /timeout: write seconds/],
    [{ ...RIGHT, roles: 'roles' }, /roles: write \{ claim/],
    [{ ...RIGHT, roles: null }, /roles: write/],
    [{ ...RIGHT, roles: { path: 'x' } }, /roles: write/],
    [{ ...RIGHT, roles: { claim: [] } }, /roles\.claim: write/],
    [{ ...RIGHT, roles: { claim: [''] } }, /roles\.claim: write/],
    [{ ...RIGHT, roles: { names: null } }, /roles\.names: write/],
    [{ ...RIGHT, roles: { names: { a: 1 } } }, /roles\.names: write/]
  ]
  for (const [options, message] of wrong) {
    t.throws(() => oauthSettings(options as OAuthProviderOptions), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(options) ?? 'none')
  }
})
