import { once } from 'node:events'
import t from 'tap'
import type { ClientCredentials, CredentialProvider, Principal } from '../../lib/credentials/provider.js'
import { basic, form, FORM, isRefusal, tokenApp, without } from './token-endpoint-app.js'

const body = { grant_type: 'client_credentials' }

t.test('B32 Basic, id and secret form-encoded → accepted', async t => {
  const seen: ClientCredentials[] = []
  const credentialProvider: CredentialProvider = {
    async verify (credentials) {
      seen.push(credentials)
      return { clientId: credentials.clientId, roles: ['manager'] }
    }
  }
  const { post } = await tokenApp(t, { options: { credentialProvider } })
  for (const text of ['plain', 'a:b', 'a%b', 'a+b', 'a b', 'a&b', 'é', ' %&+:€']) {
    const response = await post(body, { authorization: basic(text, text + '!') })
    t.equal(response.statusCode, 200, text)
    t.match(seen.at(-1), { clientId: text, clientSecret: text + '!' })
  }
  await post(body, { authorization: 'Basic ' + Buffer.from('crm:a:b:c').toString('base64') })
  t.match(seen.at(-1), { clientId: 'crm', clientSecret: 'a:b:c' }, 'B35 further colons belong to the secret')
})

t.test('Basic with the API key in the body or in X-API-Key → 200', async t => {
  const { manager, post } = await tokenApp(t)
  const authorization = basic(manager.id, manager.clientSecret)
  t.equal((await post({ ...body, api_key: manager.apiKey }, { authorization })).statusCode, 200)
  t.equal((await post(body, { authorization, 'x-api-key': manager.apiKey })).statusCode, 200)
  t.equal((await post({ ...body, api_key: '' }, { authorization, 'x-api-key': manager.apiKey })).statusCode, 200)
  isRefusal(t, await post({ ...body, api_key: manager.apiKey }, { authorization, 'x-api-key': manager.apiKey }), 400, 'invalid_request', 'both')
})

t.test('B34, B36 malformed Basic → 401 with a Basic challenge', async t => {
  const { manager, post } = await tokenApp(t)
  const encode = (text: string) => Buffer.from(text, 'latin1').toString('base64')
  for (const authorization of ['Basic', 'Basic !', 'Basic ' + encode('crm'), 'Basic ' + encode(':x'), 'Basic ' + encode('crm:'), 'Basic ' + encode('crm:\xe9'), 'Bearer x', basic(manager.id, manager.clientSecret) + '!']) {
    const response = await post({ ...body, api_key: manager.apiKey }, { authorization })
    isRefusal(t, response, 401, 'invalid_client', authorization)
    t.match(response.headers['www-authenticate'], /^Basic realm="[^"]+"/, authorization)
  }
})

t.test('B37, B38 two methods → 400, right or wrong', async t => {
  const { manager, editor, request, post } = await tokenApp(t)
  const authorization = basic(manager.id, manager.clientSecret)
  isRefusal(t, await post(request(manager), { authorization }), 400, 'invalid_request', 'the same secret twice')
  isRefusal(t, await post(request(manager, { client_secret: 'wrong' }), { authorization }), 400, 'invalid_request', 'a wrong one in the body')
  isRefusal(t, await post(request(editor), { authorization }), 400, 'invalid_request', 'another client')
  isRefusal(t, await post({ ...body, client_assertion: 'x' }, { authorization }), 400, 'invalid_request', 'Basic and an assertion')
  isRefusal(t, await post(request(manager, { client_assertion: 'x' })), 400, 'invalid_request', 'a secret and an assertion')
})

t.test('C74, C75, C78, C82 a certificate that a header speaks of → nothing; C81 and the metadata offers none', async t => {
  const { app, manager, post } = await tokenApp(t)
  const certificate = { 'x-ssl-client-cert': 'x', 'x-forwarded-client-cert': 'Hash=x', 'x-ssl-client-verify': 'SUCCESS', 'client-cert': ':eA==:' }
  isRefusal(t, await post({ ...body, client_id: manager.id }, certificate), 401, 'invalid_client')
  isRefusal(t, await post(body, certificate), 401, 'invalid_client')
  isRefusal(t, await post({ ...body, client_id: manager.id, api_key: manager.apiKey }, certificate), 401, 'invalid_client')
  const issued = await post({ ...body, client_id: manager.id, client_secret: manager.clientSecret, api_key: manager.apiKey }, certificate)
  t.match(issued.json(), { token_type: 'Bearer' })
  t.notOk('cnf' in JSON.parse(Buffer.from(issued.json().access_token.split('.')[1], 'base64url').toString()))
  const metadata = (await app.inject('/.well-known/oauth-authorization-server')).json()
  t.notMatch(JSON.stringify(metadata), /mtls|tls_client|self_signed/)
})

t.test('B39 Basic and client_id → accepted when equal, else 400', async t => {
  const { manager, editor, post } = await tokenApp(t)
  const headers = { authorization: basic(manager.id, manager.clientSecret), 'x-api-key': manager.apiKey }
  t.equal((await post({ ...body, client_id: manager.id }, headers)).statusCode, 200)
  isRefusal(t, await post({ ...body, client_id: editor.id }, headers), 400, 'invalid_request')
})

t.test('B42, B53 no credentials, or an API key alone → 401', async t => {
  const { manager, request, post } = await tokenApp(t)
  isRefusal(t, await post(body), 401, 'invalid_client', 'nothing')
  isRefusal(t, await post({ ...body, api_key: manager.apiKey }), 401, 'invalid_client', 'API key alone')
  isRefusal(t, await post(body, { 'x-api-key': manager.apiKey }), 401, 'invalid_client', 'API key alone, as a header')
  isRefusal(t, await post(without(request(manager), 'client_secret')), 401, 'invalid_client', 'id and API key')
  isRefusal(t, await post(without(request(manager), 'client_id')), 401, 'invalid_client', 'secret and API key')
})

t.test('B43, B44 invalid_client → a Basic challenge after Basic, none after the body', async t => {
  const { manager, request, post } = await tokenApp(t)
  const afterBasic = await post({ ...body, api_key: manager.apiKey }, { authorization: basic(manager.id, 'wrong') })
  isRefusal(t, afterBasic, 401, 'invalid_client')
  t.match(afterBasic.headers['www-authenticate'], /^Basic realm="[^"]+", charset="UTF-8"$/)
  const afterBody = await post(request(manager, { client_secret: 'wrong' }))
  isRefusal(t, afterBody, 401, 'invalid_client')
  t.notOk('www-authenticate' in afterBody.headers)
})

t.test('B45, B50 secret or API key of another client → 401', async t => {
  const { manager, editor, request, post } = await tokenApp(t)
  isRefusal(t, await post(request(manager, { client_secret: editor.clientSecret })), 401, 'invalid_client', 'secret')
  isRefusal(t, await post(request(manager, { api_key: editor.apiKey })), 401, 'invalid_client', 'API key')
  isRefusal(t, await post(request(manager, { client_secret: manager.apiKey, api_key: manager.clientSecret })), 401, 'invalid_client', 'one for the other')
})

t.test('B54 an API key with a space, in another case, truncated → 401', async t => {
  const { manager, request, post } = await tokenApp(t)
  for (const apiKey of [' ' + manager.apiKey, manager.apiKey + ' ', manager.apiKey.toUpperCase(), manager.apiKey.slice(0, -1), manager.apiKey.slice(0, 4)]) {
    isRefusal(t, await post(request(manager, { api_key: apiKey })), 401, 'invalid_client', JSON.stringify(apiKey))
  }
})

t.test('B55 a provider that cannot tell → 503 with Retry-After, and the next request is asked anew', async t => {
  let down = true
  const credentialProvider: CredentialProvider = {
    async verify ({ clientId }) {
      if (down) throw new Error('connection refused')
      return { clientId, roles: ['manager'] }
    }
  }
  const { post } = await tokenApp(t, { options: { credentialProvider } })
  const request = { ...body, client_id: 'crm', client_secret: 'x' }
  const response = await post(request)
  isRefusal(t, response, 503, 'temporarily_unavailable')
  t.match(response.headers['retry-after'], /^\d+$/)
  t.notMatch(response.body, 'connection refused')
  down = false
  t.equal((await post(request)).statusCode, 200)
})

t.test('B55 the store\'s database is gone → 503', async t => {
  const { store, manager, request, post } = await tokenApp(t)
  await store.close()
  isRefusal(t, await post(request(manager)), 503, 'temporarily_unavailable')
})

t.test('B56 a provider that answers with no principal of this client → 503, never a token', async t => {
  for (const answer of [undefined, '<html>', {}, { clientId: 'admin', roles: ['manager'] }, { clientId: 'crm', roles: 'manager' }, { clientId: 'crm', roles: ['manager'], tokenLifetime: 0 }]) {
    const { post } = await tokenApp(t, { options: { credentialProvider: { verify: async () => answer as Principal } } })
    isRefusal(t, await post({ ...body, client_id: 'crm', client_secret: 'x' }), 503, 'temporarily_unavailable', JSON.stringify(answer))
  }
})

t.test('B58 a role that the policy does not know → dropped and logged', async t => {
  const lines: string[] = []
  const roles = ['manager', 'root', 'constructor', '__proto__', 'manager']
  const { post } = await tokenApp(t, {
    options: { credentialProvider: { verify: async () => ({ clientId: 'crm', roles }) } },
    server: { logger: { level: 'trace', stream: { write: (line: string) => { lines.push(line) } } } }
  })
  const response = await post({ ...body, client_id: 'crm', client_secret: 'x' })
  t.match(response.json(), { scope: 'profile address', roles: ['manager'] })
  const warnings = lines.map(line => JSON.parse(line)).filter(({ level }) => level === 40)
  t.match(warnings, [{ clientId: 'crm', unknownRoles: ['root', 'constructor', '__proto__'] }])
  t.equal(warnings.length, 1)
})

t.test('a client that goes away → the provider\'s signal is aborted; one that stays → not', async t => {
  let arrived!: (signal: AbortSignal) => void
  const arrival = new Promise<AbortSignal>(resolve => { arrived = resolve })
  const credentialProvider: CredentialProvider = {
    async verify ({ clientId }, { signal }) {
      if (clientId === 'gone') {
        arrived(signal)
        await once(signal, 'abort')
      } else {
        await new Promise(resolve => setImmediate(resolve))
        t.equal(signal.aborted, false)
      }
      return { clientId, roles: ['manager'] }
    }
  }
  const { app } = await tokenApp(t, { options: { credentialProvider } })
  const url = await app.listen() + '/oauth2/token'
  const post = (clientId: string, signal: AbortSignal) =>
    fetch(url, { method: 'POST', headers: { 'content-type': FORM }, body: form({ ...body, client_id: clientId, client_secret: 'x' }), signal })
  t.equal((await post('stays', new AbortController().signal)).status, 200)

  const client = new AbortController()
  const answer = post('gone', client.signal)
  const signal = await arrival
  client.abort()
  await t.rejects(answer, { name: 'AbortError' })
  if (!signal.aborted) await once(signal, 'abort')
  t.ok(signal.aborted)
})
