import t from 'tap'
import type { CredentialProvider } from '../../lib/credentials/provider.js'
import { basic, form, FORM, tokenApp, without } from '../plugins/token-endpoint-app.js'

function capture () {
  const lines: string[] = []
  return { lines, logger: { level: 'trace', stream: { write: (line: string) => { lines.push(line) } } } }
}

t.test('B66, B1 requests that succeed and fail, at level trace → no secret, API key or token in the log', async t => {
  const { lines, logger } = capture()
  const { app, store, manager, editor, request, post } = await tokenApp(t, { server: { logger } })
  const good = request(manager)
  const query = '/oauth2/token?' + form(good)
  const authorization = basic(manager.id, manager.clientSecret)
  const json = { 'content-type': 'application/json' }

  const token = (await post(good)).json().access_token
  t.ok(token)
  await post(JSON.stringify(good), json)
  await post({ grant_type: 'client_credentials' }, { authorization, 'x-api-key': manager.apiKey })
  const statuses = [
    await post(without(good, 'api_key')),
    await post({ ...good, client_secret: manager.clientSecret + 'x' }),
    await post({ ...good, api_key: editor.apiKey }),
    await post({ ...good, grant_type: 'password' }),
    await post({ ...good, scope: 'banking' }),
    await post({ ...good, scope: manager.clientSecret }),
    await post({ ...good, grant_type: manager.clientSecret }),
    await post(form(good) + '&' + form(good)),
    await post(form(good) + '&%'),
    await post({ ...good, client_assertion: token }),
    await post(good, { authorization }),
    await post(good, { authorization: `Bearer ${token}` }),
    await post({ grant_type: 'client_credentials' }, { authorization: `Basic ${manager.clientSecret}` }),
    await post(JSON.stringify(good).slice(0, -1), json),
    await post(`{"client_secret":"${manager.clientSecret}",}`, json),
    await post(JSON.stringify({ ...good, client_secret: [manager.clientSecret] }), json),
    await post(form(good), { 'content-type': 'text/plain' }),
    await post(form(good), { 'content-type': `${FORM}; x=` + manager.clientSecret, 'x-api-key': 'again' }),
    await post(form(good) + '&x='.repeat(10_000)),
    await app.inject({ method: 'GET', url: query }),
    await app.inject({ method: 'HEAD', url: query }),
    await app.inject({ method: 'PUT', url: query, headers: { authorization } }),
    await app.inject({ method: 'POST', url: query })
  ].map(({ statusCode }) => statusCode)
  t.ok(statuses.every(status => status >= 400 && status < 500), 'each of them is refused')
  await app.inject('/oauth2/jwks?' + form(good))
  await app.inject('/.well-known/oauth-authorization-server?' + form(good))
  const [{ kid } = { kid: '' }] = await store.keys.list()
  const { d: privatePart } = (await store.keys.privateJwk(kid))!
  await store.close()
  t.equal((await post(good)).statusCode, 503)

  const log = lines.join('')
  t.ok(lines.length > 60, 'the log is there')
  t.match(log, '"url":"/oauth2/token"', 'and says which route was asked')
  for (const [name, secret] of Object.entries({ manager: manager.clientSecret, apiKey: manager.apiKey, editor: editor.apiKey, token, basic: authorization.slice(6), signature: token.split('.')[2], private: privatePart! })) {
    t.notOk(log.includes(secret), name)
    t.notOk(log.includes(encodeURIComponent(secret)), name)
  }
})

t.test('B66 an application that logs headers, and a provider that fails with the request in its error → still none', async t => {
  const { lines, logger } = capture()
  const credentialProvider: CredentialProvider = {
    async verify ({ clientSecret, apiKey }) {
      throw Object.assign(new Error(`POST https://idp.example.com/?secret=${clientSecret} failed`, { cause: new Error(`key ${apiKey}`) }), {
        config: { data: { clientSecret, apiKey } }, request: { headers: { authorization: clientSecret } }
      })
    }
  }
  const { manager, request, post } = await tokenApp(t, {
    options: { credentialProvider },
    server: { logger: { ...logger, serializers: { req: (request: { url: string, headers: object }) => ({ url: request.url, headers: request.headers }) } } }
  })
  t.equal((await post(request(manager))).statusCode, 503)
  t.equal((await post({ grant_type: 'client_credentials' }, { authorization: basic(manager.id, manager.clientSecret), 'x-api-key': manager.apiKey })).statusCode, 503)
  const log = lines.join('')
  t.match(log, 'idp.example.com', 'the cause is in the log')
  for (const secret of [manager.clientSecret, manager.apiKey, basic(manager.id, manager.clientSecret).slice(6)]) t.notOk(log.includes(secret))
})
