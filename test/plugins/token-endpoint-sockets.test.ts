import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import t from 'tap'
import { prover } from '../dpop/client.js'
import { answersIn, rawRequest, requestBytes } from './raw-request.js'
import { AUDIENCE, form, FORM, ISSUER, tokenApp } from './token-endpoint-app.js'

/** What a client does to the endpoint as bytes on a socket. */

t.test('B25 a body that comes byte by byte → ended by requestTimeout and headersTimeout, without a token; others are answered meanwhile', async t => {
  const { app, manager, request } = await tokenApp(t, { server: { requestTimeout: 5000, http: { headersTimeout: 5000, connectionsCheckingInterval: 100 } } })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const body = form(request(manager))
  const slow = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  let answer = ''
  slow.setEncoding('latin1').on('data', text => { answer += text }).on('error', () => {})
  const closed = once(slow, 'close')
  slow.write(requestBytes('POST /oauth2/token', { 'content-type': FORM, 'content-length': String(body.length) }))
  let sent = 0
  const trickle = setInterval(() => { if (sent < body.length - 1) slow.write(body[sent++]!) }, 100)
  t.teardown(() => clearInterval(trickle))

  const [meanwhile] = answersIn(await rawRequest(app, requestBytes('POST /oauth2/token', { 'content-type': FORM }, body)))
  t.equal(meanwhile!.status, 200)
  await closed
  t.match(answer, /^HTTP\/1\.1 408 /)
  t.notMatch(answer, /access_token/)
  t.ok(sent > 0 && sent < body.length)
})

t.test('B70 two Host lines, or a target that names another host → the configured issuer and URLs', async t => {
  const { app, manager, request } = await tokenApp(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const ada = await prover()
  const body = form(request(manager))
  const evil = { 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http', forwarded: 'host=evil.example' }
  const requests = {
    'another Host': (line: string, headers: Record<string, string>, body = '') => requestBytes(line, { ...headers, ...evil, host: 'evil.example' }, body),
    'two Host lines': (line: string, headers: Record<string, string>, body = '') => requestBytes(line, { ...headers, ...evil }, body).replace('\r\n', '\r\nHost: evil.example\r\n'),
    'an absolute target': (line: string, headers: Record<string, string>, body = '') => requestBytes(line.replace(' /', ' http://evil.example/'), { ...headers, ...evil }, body)
  }
  for (const [what, bytes] of Object.entries(requests)) {
    const ask = async (line: string, headers: Record<string, string> = {}, body = '') => answersIn(await rawRequest(app, bytes(line, headers, body)))[0]!
    const metadata = await ask('GET /.well-known/oauth-authorization-server')
    t.equal(metadata.status, 200, what)
    t.notMatch(metadata.body, /evil/, what)
    t.equal(JSON.parse(metadata.body).token_endpoint, `${ISSUER}/oauth2/token`, what)

    const issued = await ask('POST /oauth2/token', { 'content-type': FORM, dpop: await ada.proof({ htm: 'POST', htu: `${ISSUER}/oauth2/token` }) }, body)
    t.equal(issued.status, 200, what)
    const { access_token: token } = JSON.parse(issued.body)
    t.match(JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString()), { iss: ISSUER, aud: AUDIENCE }, what)
    const elsewhere = await ask('POST /oauth2/token', { 'content-type': FORM, dpop: await ada.proof({ htm: 'POST', htu: 'http://evil.example/oauth2/token' }) }, body)
    t.equal(elsewhere.status, 400, what)
    t.equal(JSON.parse(elsewhere.body).error, 'invalid_dpop_proof', what)
  }
})
