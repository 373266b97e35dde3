import { text } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { oauthCredentialProvider } from '../../../lib/credentials/oauth-provider.js'
import { OAUTH_PRESETS } from '../../../lib/credentials/oauth-server/presets.js'
import { forge, keyPair } from '../../access-token/forge.js'
import { jwksOf, serve, type Answer } from '../../issuers/issuer-server.js'
import { VENDOR_SERVERS, type VendorServer } from './vendor-servers.js'

const key = keyPair('k1', 'RS256')
const SECRET = 'a~secret.of the+test%'
const credentials = { clientId: 'crm', clientSecret: SECRET, apiKey: undefined }
const context = () => ({ issuer: 'https://auth.example.com', signal: new AbortController().signal })

/** The vendor on a socket, which answers `reply` to each request for a token. */
async function vendorOf (t: Test, preset: keyof typeof VENDOR_SERVERS) {
  const vendor: VendorServer = VENDOR_SERVERS[preset]
  const server = await serve(t)
  const issuer = server.url + vendor.issuer
  const requests: { authorization: string | undefined, form: Record<string, string> }[] = []
  const token = (changes: Record<string, unknown> = {}) => {
    const now = Math.floor(Date.now() / 1000)
    return forge({ key, header: { typ: undefined, ...vendor.header }, claims: { iss: issuer, iat: now, exp: now + 300, ...vendor.claims, ...changes } })
  }
  const state: { status: number, body: object } = { status: 200, body: {} }
  const endpoint: Answer = async (request, response) => {
    requests.push({ authorization: request.headers.authorization, form: Object.fromEntries(new URLSearchParams(await text(request))) })
    response.writeHead(state.status, { 'content-type': 'application/json' }).end(JSON.stringify(state.body))
  }
  server.answers[vendor.tokenEndpoint] = endpoint
  server.answers['/jwks'] = jwksOf(key)
  server.answers[vendor.issuer.replace(/\/$/, '') + '/.well-known/openid-configuration'] = { issuer, jwks_uri: `${server.url}/jwks` }
  const { tokenEndpoint, ...options } = vendor.options
  const provider = await oauthCredentialProvider({
    preset, issuer, requireApiKey: false, ...options, ...(tokenEndpoint !== undefined && { tokenEndpoint: server.url + tokenEndpoint })
  })
  t.teardown(() => provider.close())
  return {
    vendor,
    requests,
    token,
    verify: async (status: number, body: object) => {
      Object.assign(state, { status, body })
      return await provider.verify(credentials, context())
    }
  }
}

for (const preset of Object.keys(VENDOR_SERVERS) as (keyof typeof VENDOR_SERVERS)[]) {
  t.test(`${preset}: the request and the answer as its documentation shows them → the roles`, async t => {
    const { vendor, requests, token, verify } = await vendorOf(t, preset)
    t.strictSame(await verify(200, { access_token: token(), token_type: 'Bearer', expires_in: 300 }), { clientId: 'crm', roles: vendor.roles })
    const [{ authorization, form }] = requests as [typeof requests[0]]
    const { client_id: id, client_secret: secret, ...others } = form
    t.strictSame(others, vendor.asks)
    if (vendor.byHeader) {
      t.strictSame([id, secret], [undefined, undefined])
      t.equal(Buffer.from(authorization!.slice('Basic '.length), 'base64').toString(), 'crm:a~secret.of+the%2Btest%25')
    } else {
      t.strictSame([authorization, id, secret], [undefined, 'crm', SECRET])
    }
  })

  t.test(`B56 ${preset}: a token that is another client's, another API's, another issuer's, expired or no access token → unavailable`, async t => {
    const { vendor, token, verify } = await vendorOf(t, preset)
    const wrong: Record<string, Record<string, unknown>> = {
      'another client': vendor.another,
      'another API': { aud: 'https://other.example.com' },
      'another issuer': { iss: 'https://evil.example' },
      expired: { exp: Math.floor(Date.now() / 1000) - 10 }
    }
    for (const [what, changes] of Object.entries(wrong)) {
      await t.rejects(verify(200, { access_token: token(changes), token_type: 'Bearer' }), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' }, what)
    }
    const forged = token().replace(/\.[^.]+$/, '.' + Buffer.alloc(256).toString('base64url'))
    await t.rejects(verify(200, { access_token: forged, token_type: 'Bearer' }), { cause: { reason: 'signature' } })
    await t.rejects(verify(200, { access_token: 'opaque', token_type: 'Bearer' }), { cause: { reason: 'malformed' } })
  })

  t.test(`${preset}: refuses the client → null`, async t => {
    const { vendor, verify } = await vendorOf(t, preset)
    for (const [status, body] of vendor.refusals) t.equal(await verify(status, body), null, `${status} ${JSON.stringify(body)}`)
  })
}

t.test('google → refused by name, with what to do instead', async t => {
  await t.rejects(oauthCredentialProvider({ preset: 'google', issuer: 'https://accounts.google.com', audience: 'x', requireApiKey: false }), {
    code: 'FST_KEYHOLE_OPTION_INVALID', message: /^oauthCredentialProvider: preset: Google's token endpoint has no client_credentials grant.*federated/
  })
})

t.test('presets → each names the page of its vendor', async t => {
  for (const { documentation } of Object.values(OAUTH_PRESETS)) t.match(documentation, /^https:\/\/[a-z0-9.]+\/.+/)
})
