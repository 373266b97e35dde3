import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { oauthCredentialProvider } from '../../../lib/credentials/oauth-provider.js'
import type { OAuthProviderOptions } from '../../../lib/credentials/oauth-server/options.js'
import type { ProviderEvent } from '../../../lib/credentials/provider-event.js'
import { serve } from '../../issuers/issuer-server.js'
import { authority, certificateFor } from '../certificates.js'
import { AUDIENCE, CLIENTS, serveAuthorizationServer, type AuthorizationServer } from '../authorization-server.js'

const credentials = { clientId: 'crm', clientSecret: CLIENTS.crm.secret, apiKey: undefined }
const context = (signal = new AbortController().signal) => ({ issuer: 'https://auth.example.com', signal })

async function setUp (t: Test, options: Partial<OAuthProviderOptions> = {}, given?: AuthorizationServer) {
  const server = given ?? await serveAuthorizationServer({ after: work => t.teardown(work), format: options.introspection === undefined ? 'jwt' : 'opaque' })
  const provider = await oauthCredentialProvider({ issuer: server.issuer, audience: AUDIENCE, requireApiKey: false, ...options })
  t.teardown(() => provider.close())
  return { server, provider }
}

const json = (status: number, body: unknown): RequestListener => (_request, response) => {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

t.test('B55 B56 whatever the token endpoint does that is no answer → unavailable, nothing of it or the credentials in the error; then it heals', async t => {
  const server = await serveAuthorizationServer({ after: work => t.teardown(work) })
  const bearer = { token_type: 'Bearer', expires_in: 300 }
  const faults: Record<string, RequestListener> = {
    'connection reset': request => { request.socket.resetAndDestroy() },
    'half an answer': (_request, response) => {
      response.writeHead(200, { 'content-length': 1000 }).write('{"access_token":"')
      setImmediate(() => response.destroy())
    },
    'HTML with 200': (_request, response) => { response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in</html>') },
    'HTML with 400': (_request, response) => { response.writeHead(400, { 'content-type': 'text/html' }).end('<html>WAF</html>') },
    '50 MB': (_request, response) => {
      response.writeHead(200)
      const chunk = Buffer.alloc(65_536, ' ')
      let sent = 0
      const more = () => { while (!response.destroyed && sent < 50 * 2 ** 20) { sent += chunk.length; if (!response.write(chunk)) { response.once('drain', more); return } } }
      more()
    },
    'an empty 200': (_request, response) => { response.writeHead(200).end() },
    204: (_request, response) => { response.writeHead(204).end() },
    404: (_request, response) => { response.writeHead(404).end('no such path') },
    429: json(429, { error: 'slow_down' }),
    500: json(500, { error: 'invalid_client' }),
    503: json(503, {}),
    'a list': json(200, [1]),
    'no token': json(200, bearer),
    'a token that is no text': json(200, { ...bearer, access_token: 1 }),
    'an empty token': json(200, { ...bearer, access_token: '' }),
    'no type': json(200, { access_token: 'x' }),
    'a token of another type': json(200, { access_token: 'x', token_type: 'mac' }),
    'a token that repeats the secret': json(200, { ...bearer, access_token: CLIENTS.crm.secret }),
    'an error that repeats the secret': json(400, { error: CLIENTS.crm.secret }),
    'a scope that is not to be had': json(400, { error: 'invalid_scope' }),
    'a request that it does not take': json(400, { error: 'invalid_request' }),
    'an error that is no text': json(400, { error: ['invalid_client'] }),
    'a refusal of somebody before it': json(403, { message: 'forbidden' })
  }
  for (const [what, listener] of Object.entries(faults)) {
    server.answer = undefined
    const { provider } = await setUp(t, {}, server)
    server.answer = (request, response) => { request.resume().once('end', () => listener(request, response)) }
    const error = await provider.verify(credentials, context()).then(answer => answer, error => error)
    t.match(error, { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', statusCode: 503 }, what)
    const told = inspect(error, { depth: null })
    t.notOk([CLIENTS.crm.secret, encodeURIComponent(CLIENTS.crm.secret), 'Sign in', 'WAF'].some(text => told.includes(text)), `${what}: tells nothing`)
    server.answer = undefined
    t.match(await provider.verify(credentials, context()), { clientId: 'crm' }, `${what}: over`)
  }
})

t.test('B55 a token endpoint that fails → it is left alone, and each is told of; one that refuses requests is not', async t => {
  const { server, provider } = await setUp(t)
  const events: ProviderEvent[] = []
  const ask = async () => await provider.verify(credentials, { ...context(), report: event => { events.push(event) } }).catch(error => error)
  const asked = () => server.asked.filter(path => path === '/token').length
  server.answer = json(400, { error: 'invalid_scope' })
  for (let time = 0; time < 10; time++) await ask()
  t.equal(asked(), 10)
  server.answer = json(500, {})
  for (let time = 0; time < 20; time++) await ask()
  t.ok(asked() < 30, `it was asked ${asked() - 10} times of 20`)
  t.match(events.at(0), { provider: 'oauth', outcome: 'unavailable', breaker: 'closed' })
  t.match(events.at(-1), { provider: 'oauth', outcome: 'unavailable', breaker: 'open' })
  t.match(await ask(), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: 'Breaker is open' } })
})

t.test('B55 a token endpoint that limits guesses → unavailable for who guesses, and it is asked about others', async t => {
  const { server, provider } = await setUp(t)
  server.answer = json(429, { error: 'slow_down' })
  for (let guess = 0; guess < 10; guess++) {
    await t.rejects(provider.verify({ ...credentials, clientId: `guess-${guess}` }, context()), { statusCode: 503, cause: { message: 'the token endpoint answered with the status 429' } })
  }
  server.answer = undefined
  t.match(await provider.verify(credentials, context()), { clientId: 'crm' })
})

t.test('B56 a redirect → unavailable, and who it leads to is not asked', async t => {
  const { server, provider } = await setUp(t)
  const other = await serve(t)
  for (const status of [301, 302, 303, 307, 308]) {
    server.answer = (_request, response) => { response.writeHead(status, { location: `${other.url}/token` }).end() }
    await t.rejects(provider.verify(credentials, context()), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: /redirects are not followed/ } })
  }
  t.strictSame(other.asked, [])
})

t.test('B55 one byte after the other, and the caller goes away → unavailable at once, and the connection is closed', async t => {
  const { server, provider } = await setUp(t)
  const controller = new AbortController()
  let closed: Promise<unknown> | undefined
  server.answer = (_request, response) => {
    closed = once(response, 'close')
    response.writeHead(200).write('{')
    controller.abort(new Error('gone'))
  }
  await t.rejects(provider.verify(credentials, context(controller.signal)), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: 'gone' } })
  await closed
})

t.test('a certificate that nobody trusts, one that has expired, and nobody there → unavailable', async t => {
  const ca = await authority('nobody trusts it')
  for (const expired of [false, true]) {
    const tls = createTlsServer(await certificateFor('127.0.0.1', ca, { expired }), () => t.fail('no request gets there'))
    tls.listen(0, '127.0.0.1')
    await once(tls, 'listening')
    const { port } = tls.address() as AddressInfo
    const { provider } = await setUp(t, { tokenEndpoint: `https://127.0.0.1:${port}/token` })
    await t.rejects(provider.verify(credentials, context()), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
    tls.close()
    await once(tls, 'close')
    await t.rejects(provider.verify(credentials, context()), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
  }
})

t.test('B56 whatever introspection says that does not hold → unavailable', async t => {
  const { server, provider } = await setUp(t, { introspection: {}, roles: () => ['manager'] })
  const right = { active: true, client_id: 'crm', iss: server.issuer, aud: AUDIENCE }
  const during = async (status: number, body: unknown) => {
    server.answer = (request, response) => request.url === '/token/introspection' ? json(status, body)(request, response) : server.pass(request, response)
    return await provider.verify(credentials, context()).catch(error => error)
  }
  t.strictSame(await during(200, right), { clientId: 'crm', roles: ['manager'] })
  t.strictSame(await during(200, { ...right, aud: ['https://a.example.com', AUDIENCE], iss: undefined }), { clientId: 'crm', roles: ['manager'] })
  for (const spelling of ['CRM', 'c-r-m', ' crm']) {
    t.equal(await during(200, { ...right, client_id: spelling }), null, `${spelling}: who asked in another spelling is no client of ours`)
  }
  const wrong: Record<string, unknown> = {
    'not active': { active: false },
    'active as a text': { ...right, active: 'true' },
    'another client': { ...right, client_id: 'cms' },
    'no client': { ...right, client_id: undefined },
    'another issuer': { ...right, iss: 'https://evil.example' },
    'another audience': { ...right, aud: 'https://other.example.com' },
    'no audience': { ...right, aud: undefined },
    'a list': [right]
  }
  for (const [what, body] of Object.entries(wrong)) t.match(await during(200, body), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' }, what)
  for (const status of [401, 403, 500]) t.match(await during(status, right), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' }, `${status}`)
})

t.test('an issuer whose metadata leads elsewhere → the boot stops, and says what to write', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const elsewhere = `http://127.0.0.1:${(other.address() as AddressInfo).port}/token`
  const server = await serve(t)
  const metadata = { issuer: server.url, jwks_uri: `${server.url}/jwks`, token_endpoint: elsewhere }
  server.answers['/.well-known/openid-configuration'] = metadata
  const open = (more: Partial<OAuthProviderOptions> = {}) => oauthCredentialProvider({ issuer: server.url, audience: AUDIENCE, requireApiKey: false, ...more })
  await t.rejects(open(), { code: 'FST_KEYHOLE_OPTION_INVALID', message: `oauthCredentialProvider: the token_endpoint of '${server.url}' is at another origin; if that is meant to be, write tokenEndpoint: '${elsewhere}'.` })
  await t.rejects(open({ introspection: {}, tokenEndpoint: elsewhere }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /no https URL as its introspection_endpoint.*write introspection\.endpoint/ })
  server.answers['/.well-known/openid-configuration'] = { ...metadata, issuer: 'https://evil.example' }
  await t.rejects(open(), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^issuer: the metadata of/ })
  const asked = server.asked.length
  const provider = await open({ introspection: { endpoint: elsewhere }, tokenEndpoint: elsewhere })
  provider.close()
  t.equal(server.asked.length, asked, 'with both written, no metadata is read')
})
