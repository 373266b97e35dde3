import { text } from 'node:stream/consumers'
import t from 'tap'
import { oauthCredentialProvider } from '../../../lib/credentials/oauth-provider.js'
import type { OAuthProviderOptions } from '../../../lib/credentials/oauth-server/options.js'
import { forge, keyPair } from '../../access-token/forge.js'
import { logOf, serveIssuer } from '../../issuers/issuer-server.js'

const AUDIENCE = 'https://api.example.com'
const GUID = '6731de76-14a6-49ae-97bc-6eba6914391e'

t.test('B41 an issuer that knows client ids in any spelling → a no to all but its own, whatever the secret, and the log says so', async t => {
  const key = keyPair('k1')
  const server = await serveIssuer(t, key)
  const now = Math.floor(Date.now() / 1000)
  server.answers['/token'] = async (request, response) => {
    const form = new URLSearchParams(await text(request))
    const isRight = form.get('client_id')!.toLowerCase().replace(/[^0-9a-f]/g, '') === GUID.replaceAll('-', '') && form.get('client_secret') === 'right'
    const token = () => forge({ key, claims: { iss: server.url, aud: AUDIENCE, client_id: GUID, sub: GUID, jti: '1', iat: now, exp: now + 60, roles: ['manager'] } })
    response.writeHead(isRight ? 200 : 401).end(JSON.stringify(isRight ? { access_token: token(), token_type: 'Bearer' } : { error: 'invalid_client' }))
  }
  const options: OAuthProviderOptions = { issuer: server.url, audience: AUDIENCE, tokenEndpoint: `${server.url}/token`, clientAuthentication: 'client_secret_post', requireApiKey: false }
  const provider = await oauthCredentialProvider(options)
  t.teardown(() => provider.close())
  const { log, said } = logOf()
  const verify = async (clientId: string, clientSecret: string) =>
    await provider.verify({ clientId, clientSecret, apiKey: undefined }, { issuer: 'https://auth.example.com', signal: new AbortController().signal, log })

  t.strictSame(await verify(GUID, 'right'), { clientId: GUID, roles: ['manager'] })
  t.strictSame(said, [])
  const spellings = [GUID.toUpperCase(), `{${GUID}}`, GUID.replaceAll('-', ''), `${GUID} `]
  for (const spelling of spellings) {
    for (const secret of ['wrong', 'right']) t.equal(await verify(spelling, secret), null, `${spelling}, ${secret}`)
  }
  t.strictSame(said, spellings.map(clientId => ({ level: 'warn', details: { clientId }, message: 'the issuer spells the id of this client in another way; ids are compared character by character' })))
})
