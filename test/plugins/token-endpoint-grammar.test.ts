import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { FORM, form, isRefusal, tokenApp, without } from './token-endpoint-app.js'

t.test('B1, B4 other methods than POST → 405 with Allow, credentials in the query not evaluated', async t => {
  const { app, manager, request } = await tokenApp(t)
  for (const method of ['GET', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const) {
    const response = await app.inject({ method, url: '/oauth2/token?' + form(request(manager)) })
    isRefusal(t, response, 405, 'invalid_request', method)
    t.equal(response.headers.allow, 'POST', method)
  }
  const head = await app.inject({ method: 'HEAD', url: '/oauth2/token' })
  t.match(head, { statusCode: 405, headers: { allow: 'POST', 'cache-control': 'no-store' } })
  isRefusal(t, await app.inject({ method: 'PUT', url: '/oauth2/token', headers: { 'content-type': 'text/plain' }, payload: 'x' }), 405, 'invalid_request', 'whatever the body')
})

t.test('B2 credentials in the query and an empty body → invalid_request', async t => {
  const { app, manager, request } = await tokenApp(t)
  const url = '/oauth2/token?' + form(request(manager))
  isRefusal(t, await app.inject({ method: 'POST', url }), 400, 'invalid_request', 'no body')
  isRefusal(t, await app.inject({ method: 'POST', url, headers: { 'content-type': FORM } }), 400, 'invalid_request', 'an empty form')
  isRefusal(t, await app.inject({ method: 'POST', url, headers: { 'content-type': 'application/json' } }), 400, 'invalid_request', 'an empty JSON body')
})

t.test('B3 grant_type in the query, the rest in the body → invalid_request', async t => {
  const { app, manager, request } = await tokenApp(t)
  isRefusal(t, await app.inject({
    method: 'POST', url: '/oauth2/token?grant_type=client_credentials', headers: { 'content-type': FORM }, payload: form(without(request(manager), 'grant_type'))
  }), 400, 'invalid_request')
})

t.test('B5, B8 another content type, or none → invalid_request in OAuth JSON', async t => {
  const { app, manager, request } = await tokenApp(t)
  const payload = form(request(manager))
  for (const type of ['text/plain', 'multipart/form-data; boundary=x', 'application/xml', 'application/x-www-form-urlencoded\tfoo', 'application/x-www-form-urlencoded, application/json', 'application/jsonx', 'application', '*/*', '']) {
    isRefusal(t, await app.inject({ method: 'POST', url: '/oauth2/token', headers: { 'content-type': type }, payload }), 400, 'invalid_request', type)
  }
  const response = await app.inject({ method: 'POST', url: '/oauth2/token', payload: Buffer.from(payload), headers: { 'content-length': String(payload.length) } })
  isRefusal(t, response, 400, 'invalid_request', 'none')
})

t.test('B6, B8 parameters, upper case, space around the content type → accepted', async t => {
  const { manager, request, post } = await tokenApp(t)
  for (const type of [FORM + '; charset=UTF-8', FORM.toUpperCase(), FORM + ' ; charset=utf-8', ' ' + FORM]) {
    t.equal((await post(request(manager), { 'content-type': type })).statusCode, 200, type)
  }
  const payload = JSON.stringify(request(manager))
  for (const type of ['application/json; charset=utf-8', 'Application/JSON', ' application/json']) t.equal((await post(payload, { 'content-type': type })).statusCode, 200, type)
})

t.test('B9 JSON → as the form, and nothing is coerced', async t => {
  const { editor, request, post } = await tokenApp(t)
  const json = (body: unknown) => post(JSON.stringify(body), { 'content-type': 'application/json' })
  const parameters = request(editor, { scope: 'profile:write profile', foo: 'bar' })
  const [fromJson, fromForm] = [await json(parameters), await post(parameters)]
  t.equal(fromJson.statusCode, 200)
  t.strictSame({ ...fromJson.json(), access_token: '' }, { ...fromForm.json(), access_token: '' })
  for (const name of Object.keys(parameters)) {
    for (const value of [1, true, {}, ['x'], [], null, 0, false]) isRefusal(t, await json({ ...parameters, [name]: value }), 400, 'invalid_request', `${name}: ${JSON.stringify(value)}`)
  }
  // Coerced, each of these would be a good request.
  isRefusal(t, await json({ ...parameters, grant_type: ['client_credentials'] }), 400, 'invalid_request', 'grant_type in an array')
  isRefusal(t, await json({ ...parameters, client_secret: [editor.clientSecret] }), 400, 'invalid_request', 'client_secret in an array')
})

t.test('B11, B12 JSON that is poisoned or no object → invalid_request', async t => {
  const { manager, request, post } = await tokenApp(t)
  const good = JSON.stringify(request(manager))
  const members = good.slice(1)
  for (const text of [
    '{"__proto__":{"x":"y"},' + members, '{"__proto__":"x",' + members, '{"\\u005f_proto__":"x",' + members, '{"constructor":{"prototype":{"x":"y"}},' + members,
    `[${good}]`, JSON.stringify(good), 'null', '', good.slice(0, -1), '\uFEFF' + good, '{"scope":NaN,' + members, good + good
  ]) isRefusal(t, await post(text, { 'content-type': 'application/json' }), 400, 'invalid_request', text.slice(0, 40))
  t.equal(({} as Record<string, unknown>).x, undefined)
})

t.test('B13 a parameter twice → invalid_request, equal or different, form or JSON', async t => {
  const { manager, request, post } = await tokenApp(t)
  const parameters = request(manager, { scope: 'profile' })
  for (const name of ['grant_type', 'client_id', 'client_secret', 'scope', 'api_key']) {
    for (const value of [parameters[name]!, 'other', '']) {
      isRefusal(t, await post(form(parameters) + '&' + form({ [name]: value })), 400, 'invalid_request', `${name}, ${value === parameters[name] ? 'equal' : 'different'}`)
      const json = JSON.stringify(parameters).slice(0, -1) + `,${JSON.stringify(name)}:${JSON.stringify(value)}}`
      isRefusal(t, await post(json, { 'content-type': 'application/json' }), 400, 'invalid_request', `${name} in JSON`)
    }
  }
  for (const name of ['client_assertion', 'client_assertion_type', 'subject_token', 'assertion']) {
    isRefusal(t, await post(form(parameters) + `&${name}=&${name}=`), 400, 'invalid_request', name)
  }
})

t.test('B14 a parameter without value → as if left out', async t => {
  const { manager, request, post } = await tokenApp(t)
  const authorization = 'Basic ' + Buffer.from(`${manager.id}:${manager.clientSecret}`).toString('base64')
  t.equal((await post(request(manager, { client_secret: '', client_assertion: '' }), { authorization })).statusCode, 200)
  t.equal((await post(form(request(manager)) + '&scope')).json().scope, 'profile address')
  t.equal((await post(request(manager, { scope: '' }))).json().scope, 'profile address')
  isRefusal(t, await post(request(manager, { grant_type: '' })), 400, 'invalid_request')
  isRefusal(t, await post(JSON.stringify(request(manager, { grant_type: '' })), { 'content-type': 'application/json' }), 400, 'invalid_request')
})

t.test('B15, B20, B21 unknown parameters → ignored, also when repeated', async t => {
  const { manager, request, post } = await tokenApp(t, {
    // An application that reads brackets in its own forms.
    before: app => app.addContentTypeParser(FORM, { parseAs: 'string' }, async () => ({ grant_type: ['client_credentials'] }))
  })
  const payload = form(request(manager))
  for (const more of ['foo=bar&foo=baz', 'redirect_uri=x&redirect_uri=x', 'state=1', 'nonce=1', 'scope[]=banking', 'scope[0]=banking', 'client[id]=cms', '__proto__=x&constructor=y&hasOwnProperty=z']) {
    const response = await post(`${payload}&${more}`)
    t.equal(response.statusCode, 200, more)
    t.equal(response.json().scope, 'profile address', more)
  }
  t.equal((await post(JSON.stringify(request(manager, { constructor: 'x', foo: 'bar' })), { 'content-type': 'application/json' })).statusCode, 200)
})

t.test('B16 a name in another case → missing; an encoded name → the same name', async t => {
  const { manager, request, post } = await tokenApp(t)
  const rest = form(without(request(manager), 'grant_type'))
  isRefusal(t, await post('Grant_Type=client_credentials&' + rest), 400, 'invalid_request', 'other case')
  t.equal((await post('grant%5Ftype=client_credentials&' + rest)).statusCode, 200)
  isRefusal(t, await post('grant%5Ftype=client_credentials&grant_type=client_credentials&' + rest), 400, 'invalid_request', 'twice')
})

t.test('B17 grant_type missing → invalid_request, unknown → unsupported_grant_type', async t => {
  const { manager, request, post } = await tokenApp(t)
  isRefusal(t, await post(without(request(manager), 'grant_type')), 400, 'invalid_request')
  for (const type of ['password', 'implicit', 'CLIENT_CREDENTIALS', 'client_credentials ', 'toString']) {
    isRefusal(t, await post(request(manager, { grant_type: type })), 400, 'unsupported_grant_type', type)
  }
})

t.test('B17 a grant that is not the client\'s → unauthorized_client', async t => {
  const verify = (grants: string[]) => ({ verify: async () => ({ clientId: 'crm', roles: ['manager'], grants }) })
  const body = { grant_type: 'client_credentials', client_id: 'crm', client_secret: 'x' }
  const refused = await tokenApp(t, { options: { credentialProvider: verify(['other']) } })
  isRefusal(t, await refused.post(body), 400, 'unauthorized_client')
  isRefusal(t, await refused.post({ ...body, grant_type: 'other' }), 400, 'unsupported_grant_type')
  const none = await tokenApp(t, { options: { credentialProvider: verify([]) } })
  isRefusal(t, await none.post(body), 400, 'unauthorized_client')
  const allowed = await tokenApp(t, { options: { credentialProvider: verify(['client_credentials']) } })
  t.equal((await allowed.post(body)).statusCode, 200)
})

t.test('B19 + and %20 → space, %2B → plus', async t => {
  const { manager, request, post } = await tokenApp(t)
  const rest = form(request(manager))
  for (const scope of ['address+profile', 'address%20profile']) t.equal((await post(`${rest}&scope=${scope}`)).json().scope, 'profile address', scope)
  isRefusal(t, await post(`${rest}&scope=address%2Bprofile`), 400, 'invalid_scope')
})

t.test('B22 ; → no separator', async t => {
  const { manager, request, post } = await tokenApp(t)
  t.equal((await post(form(request(manager)) + '&foo=1;scope=profile')).json().scope, 'profile address')
  isRefusal(t, await post(form(request(manager)).replaceAll('&', ';')), 401, 'invalid_client')
})

t.test('broken percent-encoding or UTF-8 → invalid_request', async t => {
  const { manager, request, post } = await tokenApp(t)
  for (const more of ['scope=%', 'scope=%zz', 'scope=%ff', '%ff=x', 'foo=%c0%af']) isRefusal(t, await post(`${form(request(manager))}&${more}`), 400, 'invalid_request', more)
})

t.test('B26, B27 characters or spaces that no scope has → invalid_scope', async t => {
  const { manager, request, post } = await tokenApp(t)
  for (const scope of ['profile"', 'profile\\', 'profile\naddress', 'profile\taddress', 'profile\x7f', 'profilé', 'profile  address', ' profile', 'profile ', ' ']) {
    isRefusal(t, await post(request(manager, { scope })), 400, 'invalid_scope', JSON.stringify(scope))
  }
})

t.test('B28 a scope that is unknown or not held → invalid_scope, never narrowed', async t => {
  const { manager, request, post } = await tokenApp(t)
  for (const scope of ['contact', 'banking', 'profile banking', 'profile contact', 'Profile']) isRefusal(t, await post(request(manager, { scope })), 400, 'invalid_scope', scope)
})

t.test('B29 a scope twice, or in another order → one, in the policy\'s order', async t => {
  const { manager, request, post } = await tokenApp(t)
  t.equal((await post(request(manager, { scope: 'address profile address' }))).json().scope, 'profile address')
  t.equal((await post(request(manager, { scope: 'profile profile' }))).json().scope, 'profile')
})

t.test('B30 no scope → those that write nothing; none left → invalid_scope', async t => {
  const { store, manager, editor, request, post } = await tokenApp(t)
  t.equal((await post(request(manager))).json().scope, 'profile address')
  t.equal((await post(request(editor))).json().scope, 'profile')
  t.equal((await post(request(editor, { scope: 'profile profile:write' }))).json().scope, 'profile profile:write')
  const writer = await store.clients.create({ id: 'importer', roles: ['writer'] })
  isRefusal(t, await post(request(writer)), 400, 'invalid_scope')
  t.equal((await post(request(writer, { scope: 'profile:write' }))).json().scope, 'profile:write')
})

t.test('B31 a role\'s name as scope → invalid_scope', async t => {
  const { manager, request, post } = await tokenApp(t)
  for (const scope of ['manager', 'editor', 'profile manager']) isRefusal(t, await post(request(manager, { scope })), 400, 'invalid_scope', scope)
})

t.test('B23 a body over 16 KiB, too many parameters, a compressed body → refused before anything else', async t => {
  const { app, manager, request, post } = await tokenApp(t)
  const good = form(request(manager))
  t.equal((await post(good + '&foo=' + 'x'.repeat(16 * 1024 - good.length - 5))).statusCode, 200)
  isRefusal(t, await post(good + '&foo=' + 'x'.repeat(16 * 1024 - good.length - 4)), 413, 'invalid_request')
  isRefusal(t, await post(good + '&a=b'.repeat(2000)), 400, 'invalid_request')
  isRefusal(t, await app.inject({ method: 'POST', url: '/oauth2/token', headers: { 'content-type': FORM, 'content-encoding': 'gzip' }, payload: gzipSync(good) }), 400, 'invalid_request')

  const origin = await app.listen()
  const endless = httpRequest(origin + '/oauth2/token', { method: 'POST', headers: { 'content-type': FORM } })
  endless.write(Buffer.alloc(16 * 1024 + 1, 'x'))
  const [response] = await once(endless, 'response')
  endless.destroy()
  t.match(response, { statusCode: 413, headers: { 'cache-control': 'no-store' } })
  t.equal((await fetch(origin + '/oauth2/token', { method: 'POST', body: new URLSearchParams(request(manager)) })).status, 200)
})
