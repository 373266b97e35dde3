import { Type } from '@sinclair/typebox'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose'
import t from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'
import { claimSet } from '../../lib/release/annotation.js'
import { AUDIENCE, basic, form, FORM, ISSUER, isRefusal, POLICY, tokenApp } from './token-endpoint-app.js'

t.test('B59, B62 success → exactly these members, not to be stored, no refresh token', async t => {
  const { manager, request, post } = await tokenApp(t)
  const response = await post(request(manager))
  t.equal(response.statusCode, 200)
  t.match(response.headers, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', pragma: 'no-cache' })
  const { access_token: token, ...rest } = response.json()
  t.match(token, /^[\w-]+\.[\w-]+\.[\w-]+$/)
  t.strictSame(rest, { token_type: 'Bearer', expires_in: 300, scope: 'profile address', roles: ['manager'], policy: createPolicy(POLICY).current.version })
})

t.test('C1, C2, C4, C5, C6, C8 the token → verified by jose with the published keys, every claim as answered', async t => {
  const { app, manager, editor, request, post } = await tokenApp(t, { options: { tokenLifetime: 60 } })
  const keys = createLocalJWKSet((await app.inject('/oauth2/jwks')).json())
  for (const [client, scope] of [[manager, undefined], [editor, 'profile:write profile']] as const) {
    const answer = (await post(request(client, scope === undefined ? {} : { scope }))).json()
    const { payload, protectedHeader } = await jwtVerify(answer.access_token, keys, { issuer: ISSUER, audience: AUDIENCE, typ: 'at+jwt', algorithms: ['ES256'] })
    t.match(protectedHeader, { typ: 'at+jwt', alg: 'ES256', kid: /./ })
    t.match(payload, { iss: ISSUER, aud: AUDIENCE, sub: client.id, client_id: client.id, scope: answer.scope, roles: answer.roles, jti: /./ })
    t.equal(payload.exp! - payload.iat!, 60)
    t.equal(answer.expires_in, 60)
  }
})

t.test('C5 the subject → the client, whatever roles or claims say', async t => {
  const credentialProvider = { verify: async () => ({ clientId: 'crm', roles: ['manager'], claims: { sub: 'admin', client_id: 'admin', scope: 'profile:write', iss: 'x' }, sub: 'admin' }) }
  const { post } = await tokenApp(t, { options: { credentialProvider } })
  const { access_token: token } = (await post({ grant_type: 'client_credentials', client_id: 'crm', client_secret: 'x', sub: 'admin' })).json()
  const payload = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
  t.match(payload, { sub: 'crm', client_id: 'crm', scope: 'profile address', iss: ISSUER })
  t.strictSame(Object.keys(payload).sort(), ['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'roles', 'scope', 'sub'])
})

t.test('C8 a principal\'s lifetime → shortens, never lengthens', async t => {
  for (const [tokenLifetime, expected] of [[60, 60], [1, 1], [301, 300], [315_360_000, 300]] as const) {
    const { post } = await tokenApp(t, { options: { credentialProvider: { verify: async () => ({ clientId: 'crm', roles: ['manager'], tokenLifetime }) } } })
    const answer = (await post({ grant_type: 'client_credentials', client_id: 'crm', client_secret: 'x' })).json()
    const { exp, iat } = JSON.parse(Buffer.from(answer.access_token.split('.')[1], 'base64url').toString())
    t.equal(answer.expires_in, expected)
    t.ok(exp - iat >= expected && exp - iat < expected + 10, 'iat is when the request began')
  }
})

t.test('B65 claims and scope → by the scope granted, not by the one that the role could have', async t => {
  const subjectClaims = Type.Object({
    name: claimSet(['profile_claims', 'contact_claims'], Type.String()),
    city: claimSet('address_claims', Type.String())
  })
  const { store, request, post } = await tokenApp(t, { options: { subjectClaims } })
  const client = await store.clients.create({ id: 'shop', roles: ['manager', 'writer'], claims: { name: 'Shop', city: 'Bonn', note: 'private' } })
  const answer = async (scope: string) => (await post(request(client, { scope }))).json()
  t.strictSame((await answer('profile')).claims, { profile_claims: { name: 'Shop' } })
  t.strictSame((await answer('profile address')).claims, { profile_claims: { name: 'Shop' }, address_claims: { city: 'Bonn' } })
  t.notOk('claims' in await answer('profile:write'), 'absent when nothing is granted')

  const { scope, access_token: token } = await answer('profile')
  t.equal(scope, 'profile')
  const payload = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
  t.equal(payload.scope, 'profile')
  t.notMatch(JSON.stringify(payload), /Shop|Bonn|private/)

  const broken = await store.clients.create({ id: 'broken', roles: ['manager'], claims: { city: 'Bonn' } })
  isRefusal(t, await post(request(broken, { scope: 'profile' })), 500, 'server_error', 'claims that do not fit')
})

t.test('B65 without subjectClaims → no claims', async t => {
  const { store, request, post } = await tokenApp(t)
  const client = await store.clients.create({ id: 'shop', roles: ['manager'], claims: { name: 'Shop' } })
  t.notMatch((await post(request(client))).body, /Shop|claims/)
})

t.test('a request → decided by the policy that it began with; the next one by the new', async t => {
  const policy = createPolicy(POLICY)
  let release = () => {}
  let asked = () => {}
  const began = new Promise<void>(resolve => { asked = resolve })
  const gate = new Promise<void>(resolve => { release = resolve })
  const { app, post } = await tokenApp(t, {
    options: {
      policy,
      credentialProvider: {
        async verify ({ clientId }) {
          asked()
          await gate
          return { clientId, roles: ['manager'] }
        }
      }
    }
  })
  const before = policy.current.version
  const body = { grant_type: 'client_credentials', client_id: 'crm', client_secret: 'x' }
  const first = post(body)
  await began
  const { version: after } = policy.replace({ ...POLICY, roles: { manager: ['contact'] } })
  release()
  t.match((await first).json(), { scope: 'profile address', policy: before })
  t.match((await post(body)).json(), { scope: 'contact', policy: after })

  policy.replace({ ...POLICY, scopes: { ...POLICY.scopes, billing: {} } })
  t.match((await app.inject('/.well-known/oauth-authorization-server')).json().scopes_supported, ['contact', 'profile', 'address', 'profile:write', 'billing'])
})

t.test('B60, B63 what the application\'s hooks and limits throw → OAuth JSON, no member of Fastify\'s', async t => {
  const thrown = new Map<string, Error>([
    ['429', Object.assign(new Error('private'), { statusCode: 429 })],
    ['503', Object.assign(new Error('private'), { statusCode: 503 })],
    ['500', new Error('private')],
    ['403', Object.assign(new Error('private'), { statusCode: 403, code: 'FST_X' })]
  ])
  const { manager, request, post } = await tokenApp(t, {
    before: app => app.addHook('onRequest', async request => {
      const name = request.headers['x-throw']
      if (typeof name === 'string') throw thrown.get(name)
    })
  })
  const ask = (name: string) => post(request(manager), { 'x-throw': name })
  isRefusal(t, await ask('429'), 429, 'slow_down')
  const unavailable = await ask('503')
  isRefusal(t, unavailable, 503, 'temporarily_unavailable')
  t.ok(unavailable.headers['retry-after'])
  isRefusal(t, await ask('500'), 500, 'server_error')
  isRefusal(t, await ask('403'), 400, 'invalid_request')
  for (const name of thrown.keys()) t.notMatch((await ask(name)).body, /private|FST_|statusCode|"code"|"message"/)
  t.equal((await post(request(manager))).statusCode, 200)
})

t.test('B60, B63 errors of every kind → their status, OAuth JSON, not to be stored', async t => {
  const { app, manager, request, post } = await tokenApp(t)
  isRefusal(t, await post(request(manager, { scope: 'nope' })), 400, 'invalid_scope')
  isRefusal(t, await post(request(manager, { grant_type: 'nope' })), 400, 'unsupported_grant_type')
  isRefusal(t, await post('x'), 400, 'invalid_request')
  isRefusal(t, await post(request(manager, { client_secret: 'x' })), 401, 'invalid_client')
  isRefusal(t, await app.inject('/oauth2/token'), 405, 'invalid_request')
  isRefusal(t, await post('x'.repeat(20_000)), 413, 'invalid_request')
})

t.test('B64 entity tags and compression of the application → not for tokens', async t => {
  const { app, manager, request, post } = await tokenApp(t, {
    before: app => app.addHook('onSend', async (request, reply, payload) => {
      if (request.headers['accept-encoding'] !== undefined) reply.header('content-encoding', 'x')
      reply.header('etag', '"x"')
      if (request.headers['if-none-match'] === undefined) return payload
      reply.code(304)
      return ''
    })
  })
  const headers = { 'if-none-match': '"x"', 'accept-encoding': 'gzip' }
  const response = await post(request(manager), headers)
  t.equal(response.statusCode, 200)
  t.ok(response.json().access_token)
  t.notOk('etag' in response.headers)
  t.notOk('content-encoding' in response.headers)
  t.equal((await app.inject({ url: '/oauth2/jwks', headers })).statusCode, 304, 'the key set may be revalidated')
})

t.test('B68 line breaks and odd characters in client_id → in no header, in no line of their own in the log', async t => {
  const lines: string[] = []
  const { post } = await tokenApp(t, { server: { logger: { level: 'trace', stream: { write: (line: string) => { lines.push(line) } } } } })
  for (const id of ['crm\r\nset-cookie: a=b', 'crm\n{"level":60}', 'é€\u2028', '\0', 'x'.repeat(10_000)]) {
    const response = await post({ grant_type: 'client_credentials', client_id: id, client_secret: 'x', api_key: 'x' })
    isRefusal(t, response, 401, 'invalid_client')
    t.notOk('set-cookie' in response.headers)
    t.notMatch(JSON.stringify(response.headers), /crm|é/)
    isRefusal(t, await post({ grant_type: 'client_credentials', api_key: 'x' }, { authorization: basic(id, 'x') }), 401, 'invalid_client')
  }
  t.ok(lines.length > 0)
  for (const line of lines) t.ok(JSON.parse(line).level < 60)
})

t.test('over a socket, form and JSON → a token', async t => {
  const { app, manager, request } = await tokenApp(t)
  const url = await app.listen() + '/oauth2/token'
  for (const [type, body] of [[FORM, form(request(manager))], ['application/json', JSON.stringify(request(manager))]] as const) {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body })
    t.equal(response.status, 200)
    t.equal(decodeProtectedHeader((await response.json() as { access_token: string }).access_token).typ, 'at+jwt')
  }
})
