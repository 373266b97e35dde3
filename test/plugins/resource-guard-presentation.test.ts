import t from 'tap'
import { ASKED, bearer, Customer, customerRoute, guardedApp, INVALID_TOKEN, isRefusal, JANE, SECRET, tokenOf } from './resource-guard-app.js'
import { rawRequest, requestBytes } from './raw-request.js'

/** How a token is presented, and how the guard answers; where it matters, as bytes on a socket. */

const { app, get, log } = await guardedApp(t, api => {
  customerRoute()(api)
  api.get('/bank', { schema: { response: { 200: Customer } }, config: { keyhole: { scope: ['banking', 'address'] } } }, async () => JANE)
})
await app.listen({ port: 0, host: '127.0.0.1' })

const good = tokenOf('profile')

function asked (authorization: string) {
  return app.inject({ url: '/customer', headers: { authorization } })
}

/** The status, the headers by name and the body of the first answer. */
function parsed (raw: string) {
  const [head, ...rest] = raw.split('\r\n\r\n')
  const [status, ...fields] = head!.split('\r\n')
  return {
    status: Number(status!.split(' ')[1]),
    headers: fields.map(field => field.toLowerCase().split(': ') as [string, string]),
    challenge: fields.filter(field => /^www-authenticate:/i.test(field)),
    body: rest.join('\r\n\r\n')
  }
}

t.test('A78 no Authorization → 401 with a bare challenge', async t => {
  isRefusal(t, await get('/customer', null), 401, ASKED)
  isRefusal(t, await get('/customer', null, { headers: { authorization: '' } }), 401, ASKED, 'an empty one')
  const { status, challenge, body } = parsed(await rawRequest(app, requestBytes('GET /customer')))
  t.equal(status, 401)
  t.equal(challenge.length, 1)
  t.match(challenge[0]!.slice('www-authenticate: '.length), ASKED)
  t.strictSame(JSON.parse(body), { statusCode: 401, code: 'FST_KEYHOLE_TOKEN_MISSING', error: 'Unauthorized', message: 'An access token is required.' })
})

t.test('A79 a token that is refused → 401 invalid_token', async t => isRefusal(t, await asked('Bearer x.y.z'), 401, INVALID_TOKEN))

t.test('A80 a token without the scope → 403 insufficient_scope with those that would do', async t => {
  const response = await get('/bank', 'profile')
  isRefusal(t, response, 403, 'Bearer error="insufficient_scope", scope="banking address"')
  t.strictSame(response.json(), { statusCode: 403, code: 'FST_KEYHOLE_INSUFFICIENT_SCOPE', error: 'Forbidden', message: 'This takes the scope banking or address.' })
  for (const scope of ['banking', 'address', 'profile banking']) t.equal((await get('/bank', scope)).statusCode, 200, scope)
  for (const scope of ['', 'bankin', 'bankings', 'my.banking', 'BANKING', 'banking\taddress']) isRefusal(t, await get('/bank', scope), 403, /insufficient_scope/, scope)
})

t.test('A81 bearer in any case → accepted', async t => {
  for (const scheme of ['bearer', 'BEARER', 'bEaReR']) t.equal((await asked(`${scheme} ${good}`)).statusCode, 200, scheme)
})

t.test('A82 two spaces → accepted; a tab, a space at the end → refused with a challenge', async t => {
  t.equal((await asked(`Bearer  ${good}`)).statusCode, 200, 'two spaces')
  isRefusal(t, await asked(`Bearer\t${good}`), 401, ASKED, 'a tab')
  isRefusal(t, await asked(`Bearer ${good} `), 400, /^Bearer error="invalid_request"$/, 'a space at the end')
  t.equal(parsed(await rawRequest(app, requestBytes('GET /customer', { authorization: `Bearer ${good} ` }))).status, 200, 'HTTP takes the space at the end away')
})

t.test('A83 no one token after the scheme → 400 invalid_request', async t => {
  for (const rest of [' a, Bearer b', ' a b', '', ' ', ' "', ' %', ' a=b', ' =', ' é', ` ${good}, Bearer ${good}`, ` ${good} ${good}`, ` "${good}"`]) {
    isRefusal(t, await asked(`Bearer${rest}`), 400, /^Bearer error="invalid_request"$/, `Bearer${rest}`)
  }
  for (const bytes of ['Bearer é', 'Bearer \x80', `Bearer ${good}\xff`]) {
    const { status, challenge, body } = parsed(await rawRequest(app, Buffer.from(requestBytes('GET /customer', { authorization: bytes }), 'latin1')))
    t.equal(status, 400)
    t.strictSame(challenge, ['www-authenticate: Bearer error="invalid_request"'])
    t.equal(JSON.parse(body).code, 'FST_KEYHOLE_TOKEN_MALFORMED')
  }
})

t.test('A83 Authorization twice → the first counts, and there is one answer', async t => {
  const twice = (first: string, second: string) => `GET /customer HTTP/1.1\r\nhost: x\r\nconnection: close\r\nauthorization: ${first}\r\nauthorization: ${second}\r\n\r\n`
  const answer = await rawRequest(app, twice(`Bearer ${good}`, 'Bearer x'))
  t.equal(parsed(answer).status, 200)
  t.equal(parsed(await rawRequest(app, twice('Bearer x', `Bearer ${good}`))).status, 401)
  t.equal(answer.match(/HTTP\/1\.1/g)!.length, 1)
})

t.test('A85 a token in the query → ignored, and not in the log', async t => {
  for (const url of [`/customer?access_token=${good}`, `/customer?a=1&access_token=${good}&b=2`, `/customer?ACCESS%5FTOKEN=${good}`]) {
    isRefusal(t, await get(url, null), 401, ASKED, url.slice(0, 20))
    const raw = await rawRequest(app, requestBytes(`GET ${url}`))
    t.equal(parsed(raw).status, 401)
  }
  t.notMatch(log.text(), good.split('.')[2])
  t.ok(log.lines().some(({ req }) => (req as { url?: string } | undefined)?.url === '/customer?a=1&access_token=[secret]&b=2'), 'the rest of the URL is')
})

t.test('A86 A87 a token in a form or a cookie → ignored', async t => {
  isRefusal(t, await get('/customer', null, { headers: { cookie: `access_token=${good}; Bearer=${good}` } }), 401, ASKED)
  const form = await get('/customer', null, { headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: `access_token=${good}` })
  isRefusal(t, form, 401, ASKED)
})

t.test('A89 every challenge → one header, each attribute in it once', async t => {
  const refusals: [string, Record<string, string>, string[]][] = [
    ['/customer', {}, ['resource_metadata', 'algs', 'resource_metadata']],
    ['/customer', { authorization: 'Bearer' }, ['error']],
    ['/customer', bearer('x.y.z'), ['error', 'error_description', 'resource_metadata', 'algs', 'resource_metadata']],
    ['/bank', bearer(good), ['error', 'scope']]
  ]
  for (const [url, headers, expected] of refusals) {
    const { challenge } = parsed(await rawRequest(app, requestBytes(`GET ${url}`, headers)))
    t.equal(challenge.length, 1)
    t.strictSame([...challenge[0]!.matchAll(/(\w+)="/g)].map(match => match[1]), expected)
  }
})

t.test('A91 another scheme → 401 with a bare challenge', async t => {
  for (const credentials of [`Basic ${Buffer.from('a:b').toString('base64')}`, 'Digest username="a"', `Token ${good}`, good, `Bearer:${good}`, `bearertoken ${good}`]) {
    isRefusal(t, await asked(credentials), 401, ASKED, credentials.slice(0, 12))
  }
})

t.test('A92 a released answer → Cache-Control: no-store', async t => {
  const { status, headers } = parsed(await rawRequest(app, requestBytes('GET /customer', bearer(good))))
  t.equal(status, 200)
  t.strictSame(headers.filter(([name]) => name === 'cache-control'), [['cache-control', 'no-store']])
})

t.test('A93 other methods on a guarded path → no data, and HEAD takes the same token as GET', async t => {
  for (const method of ['OPTIONS', 'QUERY', 'POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND', 'FOO']) {
    const raw = await rawRequest(app, requestBytes(`${method} /customer`, { ...bearer(good), origin: 'https://evil.example', 'access-control-request-method': 'GET' }))
    t.ok(parsed(raw).status >= 400, `${method} ${parsed(raw).status}`)
    t.notMatch(raw, JANE.name, method)
  }
  const without = parsed(await rawRequest(app, requestBytes('HEAD /customer')))
  t.equal(without.status, 401)
  t.match(without.challenge[0]!.slice('www-authenticate: '.length), ASKED)
  t.equal(without.body, '')
  const withToken = parsed(await rawRequest(app, requestBytes('HEAD /customer', bearer(good))))
  t.equal(withToken.status, 200)
  t.equal(withToken.body, '')
  const { payload } = await get('/customer', 'profile')
  t.equal(withToken.headers.find(([name]) => name === 'content-length')?.[1], String(Buffer.byteLength(payload)), 'its Content-Length is that of the released body')
})

t.test('A98 headers that name another method or URL → ignored', async t => {
  const response = await get('/bank', 'profile', { headers: { 'x-http-method-override': 'POST', 'x-original-url': '/customer', 'x-rewrite-url': '/customer' } })
  isRefusal(t, response, 403, /insufficient_scope/)
})

t.test('a withheld value → in no byte of any answer', async t => {
  for (const headers of [{}, bearer(good), bearer('x.y.z')]) t.notMatch(await rawRequest(app, requestBytes('GET /customer', headers)), SECRET)
})
