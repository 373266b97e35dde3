import { once } from 'node:events'
import { connect } from 'node:http2'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { openStore } from '../../lib/store/open-store.js'
import { dpopFor, tokenFor } from '../../lib/testing/index.js'
import resourceGuard, { type ResourceGuardOptions } from '../../plugins/resource-guard.js'
import tokenEndpoint from '../../plugins/token-endpoint.js'
import { ath, prover } from '../dpop/client.js'
import { rawRequest, requestBytes } from './raw-request.js'
import { AUDIENCE, Customer, customerRoute, guardedApp, isRefusal, ISSUER, JANE, POLICY, tokenOf } from './resource-guard-app.js'
import { isRefusal as isTokenRefusal, tokenApp } from './token-endpoint-app.js'

const HTU = `${AUDIENCE}/customer`
const ENDPOINT = 'https://auth.example.com/oauth2/token'
const ada = await prover()
const eve = await prover()
const bound = (changes: Record<string, unknown> = {}) => tokenOf('profile', { cnf: { jkt: ada.thumbprint }, ...changes })

/** The headers of a good request, with these changes to its proof. */
async function headersOf (token: string, claims: Record<string, unknown> = {}, who = ada) {
  return { authorization: `DPoP ${token}`, dpop: await who.proof({ htm: 'GET', htu: HTU, ath: ath(token), ...claims }) }
}

function isReleased (t: Test, { statusCode, payload }: { statusCode: number, payload: string }, what = 'released'): void {
  t.equal(statusCode, 200, what)
  t.equal(payload, JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age }), what)
}

const invalidProof = /^Bearer resource_metadata="[^"]+", DPoP error="invalid_dpop_proof", error_description="[^"]+", algs="ES256 EdDSA Ed25519", resource_metadata="[^"]+"$/
const invalidToken = /^Bearer resource_metadata="[^"]+", DPoP error="invalid_token", error_description="[^"]+", algs="[^"]+", resource_metadata="[^"]+"$/

const { app, log } = await guardedApp(t, customerRoute())
const send = async (headers: Record<string, string | string[]>, url = '/customer') => await app.inject({ url, headers })

t.test('a bound token with a proof of its key → its view, as often as there is a new proof', async t => {
  const token = bound()
  for (let time = 0; time < 3; time++) isReleased(t, await send(await headersOf(token)))
  const { authorization, ...others } = await headersOf(token)
  isReleased(t, await send({ authorization: authorization.replace('DPoP', 'dpop'), ...others }), 'the scheme in any case')
})

t.test('C62 A102 a bound token as Bearer, with or without proof, cached or not → 401', async t => {
  const token = bound()
  for (let time = 0; time < 2; time++) {
    for (const dpop of [{}, { dpop: (await headersOf(token)).dpop }]) {
      isRefusal(t, await send({ authorization: `Bearer ${token}`, ...dpop }), 401, /^Bearer error="invalid_token", error_description="[^"]+", resource_metadata="[^"]+", DPoP algs="[^"]+", /)
    }
    isReleased(t, await send(await headersOf(token)))
  }
})

t.test('C63 an unbound token by DPoP, or a bound one without proof → 401', async t => {
  const unbound = tokenOf('profile')
  isRefusal(t, await send(await headersOf(unbound)), 401, invalidToken)
  isRefusal(t, await send({ authorization: `DPoP ${bound()}` }), 401, invalidProof)
  isRefusal(t, await send({ authorization: 'DPoP a b' }), 400, 'DPoP error="invalid_request", algs="ES256 EdDSA Ed25519"')
})

t.test('C70 a challenge → names both schemes and the algorithms of proofs; the error stands in the scheme that was used', async t => {
  const algs = 'algs="ES256 EdDSA Ed25519"'
  const challengesOf = ({ headers }: { headers: Record<string, unknown> }) => String(headers['www-authenticate']).split(/, (?=DPoP )/)
  const [asked, by] = [challengesOf(await app.inject('/customer')), async (authorization: string) => challengesOf(await send({ authorization }))]
  t.equal(asked.length, 2)
  t.match(asked[0], /^Bearer /)
  t.match(asked[1], new RegExp(`^DPoP ${algs}`))
  for (const challenge of asked) t.notMatch(challenge, /error/)
  const [bearer, dpop] = [await by('Bearer x.y.z'), await by('DPoP x.y.z')]
  t.match(bearer, [/^Bearer error="invalid_token"/, new RegExp(`^DPoP ${algs}`)])
  t.notMatch(bearer[1], /error/)
  t.match(dpop, [/^Bearer /, /^DPoP error="invalid_token", .*algs="ES256 EdDSA Ed25519"/])
  t.notMatch(dpop[0], /error/)
})

t.test('C70 a bound token without the scope → 403 insufficient_scope by DPoP', async t => {
  const { app } = await guardedApp(t, api => {
    api.get('/bank', { schema: { response: { 200: Customer } }, config: { keyhole: { scope: 'banking' } } }, async () => JANE)
  })
  const headers = await headersOf(bound(), { htu: `${AUDIENCE}/bank` })
  isRefusal(t, await app.inject({ url: '/bank', headers }), 403, 'DPoP error="insufficient_scope", scope="banking"')
})

t.test('C72, C80 a token that is bound to a certificate, or to a key as well → 401 by either scheme, with a proof of that key too', async t => {
  const x5t = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'
  for (const cnf of [{ 'x5t#S256': x5t }, { 'x5t#S256': x5t, jkt: ada.thumbprint }]) {
    const token = tokenOf('profile', { cnf })
    isRefusal(t, await send({ authorization: `Bearer ${token}` }), 401, /^Bearer error="invalid_token", error_description="The access token is bound in a way that is not supported\."/)
    isRefusal(t, await send({ ...await headersOf(token), 'x-ssl-client-cert': 'x', 'x-forwarded-client-cert': 'x' }), 401, invalidToken)
  }
})

t.test('C49 two proofs, in one header or two → 401', async t => {
  const token = bound()
  const [one, two] = [(await headersOf(token)).dpop, (await headersOf(token)).dpop]
  isRefusal(t, await send({ authorization: `DPoP ${token}`, dpop: [one, two] }), 401, invalidProof)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const lines = requestBytes('GET /customer', { authorization: `DPoP ${token}`, dpop: one }).replace(/\r\n\r\n$/, `\r\nDPoP: ${two}\r\n\r\n`)
  const answer = await rawRequest(app, lines)
  t.match(answer, /^HTTP\/1\.1 401 /)
  t.match(answer, /error="invalid_dpop_proof"/)
  t.notMatch(answer, JANE.name)
})

t.test('C60 C61 a proof of another token or by another key, with a token that is cached too → 401', async t => {
  const token = bound()
  isReleased(t, await send(await headersOf(token)))
  isRefusal(t, await send(await headersOf(token, { ath: ath(bound()) })), 401, invalidProof)
  isRefusal(t, await send(await headersOf(token, {}, eve)), 401, invalidToken)
  isReleased(t, await send(await headersOf(token)))
})

t.test('C64 a proof is good once, for one method and URL; the query does not matter', async t => {
  const token = bound()
  const headers = await headersOf(token)
  const head = await app.inject({ method: 'HEAD', url: '/customer', headers })
  t.equal(head.statusCode, 401, 'HEAD')
  t.match(head.headers['www-authenticate'], invalidProof, 'HEAD')
  isReleased(t, await send(headers, '/customer?a=b'))
  isRefusal(t, await send(headers), 401, invalidProof, 'a second time')
  isRefusal(t, await send(await headersOf(token, { htu: `${AUDIENCE}/customers` })), 401, invalidProof, 'another URL')
})

t.test('a Host header, an absolute-form target or a forwarded host of somebody else → nothing to go by', async t => {
  const token = bound()
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const evil = { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'http' }
  for (const line of ['GET /customer', 'GET http://evil.example/customer']) {
    t.match(await rawRequest(app, requestBytes(line, { ...await headersOf(token, { htu: 'http://evil.example/customer' }), ...evil })), /^HTTP\/1\.1 401 /, line)
    t.match(await rawRequest(app, requestBytes(line, { ...await headersOf(token), ...evil })), /^HTTP\/1\.1 200 /, line)
  }
})

t.test('over HTTP/2 → the same', async t => {
  const token = bound()
  const { app } = await guardedApp(t, customerRoute(), { server: { http2: true } as never })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  const session = connect(address)
  t.teardown(() => session.close())
  const ask = async (headers: Record<string, string>) => {
    const stream = session.request({ ':path': '/customer', ...headers })
    stream.resume()
    const [answer] = await once(stream, 'response') as [Record<string, unknown>]
    return answer[':status']
  }
  const headers = await headersOf(token)
  t.equal(await ask(headers), 200)
  t.equal(await ask(headers), 401)
})

t.test('C59 nonces: none → 401 use_dpop_nonce with DPoP-Nonce; with it → released, and the answer has one', async t => {
  const { app } = await guardedApp(t, customerRoute(), { options: { dpop: { nonce: true, nonceKey: 'k'.repeat(32) } } })
  const token = bound()
  const refused = await app.inject({ url: '/customer', headers: await headersOf(token) })
  isRefusal(t, refused, 401, /DPoP error="use_dpop_nonce"/)
  const nonce = refused.headers['dpop-nonce']
  t.match(nonce, /^[A-Za-z0-9_-]{43}$/)
  const released = await app.inject({ url: '/customer', headers: await headersOf(token, { nonce }) })
  isReleased(t, released)
  t.equal(released.headers['dpop-nonce'], nonce)
  isRefusal(t, await app.inject({ url: '/customer', headers: await headersOf(token) }), 401, /use_dpop_nonce/, 'C59 without, after one was given')
  t.notOk((await app.inject({ url: '/customer' })).headers['dpop-nonce'], 'none for those who do not ask with a proof')
})

t.test('must be bound, by guard or route → no Bearer token, and only DPoP is asked for', async t => {
  const routes = (api: FastifyInstance) => {
    customerRoute()(api)
    for (const required of [true, false]) api.get(`/${required}`, { config: { keyhole: { dpop: { required } } }, schema: { response: { 200: Customer } } }, async () => JANE)
  }
  const onlyDpop = /^DPoP (error="invalid_token", error_description="[^"]+", )?algs="[^"]+", resource_metadata="[^"]+"$/
  for (const [required, closed, open] of [[true, ['/customer', '/true'], '/false'], [false, ['/true'], '/customer']] as const) {
    const { app, get } = await guardedApp(t, routes, { options: { dpop: { required } } })
    for (const url of closed) {
      for (const scope of [null, 'profile', 'profile']) isRefusal(t, await get(url, scope), 401, onlyDpop, url)
      const token = bound()
      isReleased(t, await app.inject({ url, headers: await headersOf(token, { htu: AUDIENCE + url }) }), url)
    }
    isReleased(t, await get(open, 'profile'))
  }
})

t.test('an audience that is no URL → bound tokens are refused, unless it is said where the application is', async t => {
  const token = bound({ aud: 'customers' })
  const without = await guardedApp(t, customerRoute(), { options: { audience: 'customers' } })
  for (const scheme of ['Bearer', 'DPoP']) {
    isRefusal(t, await without.app.inject({ url: '/customer', headers: { ...await headersOf(token), authorization: `${scheme} ${token}` } }), 401, /^Bearer(?: error="invalid_token", error_description="[^"]+")?$/, scheme)
  }
  const behind = await guardedApp(t, customerRoute(), { options: { audience: 'customers', dpop: { baseUrl: 'https://example.com/api/' } } })
  isReleased(t, await behind.app.inject({ url: '/customer', headers: await headersOf(token, { htu: 'https://example.com/api/customer' }) }))
})

t.test('E16 nothing tells whether a proof was used → 503, and no byte of data', async t => {
  const store = await openStore('sqlite::memory:')
  t.teardown(() => store.close())
  const replays = { use: async () => { throw new Error('the disk is full') } }
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(async api => {
    await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy: POLICY, store: { ...store, replays } })
    customerRoute()(api)
  })
  await tokenEndpointOf(app, store)
  const headers = await (await dpopFor(app, { scope: 'profile' }))('GET', '/customer')
  const answer = await app.inject({ url: '/customer', headers })
  t.equal(answer.statusCode, 503)
  t.equal(answer.headers['retry-after'], '5')
  t.equal(answer.json().code, 'FST_KEYHOLE_PROOF_UNCHECKED')
})

async function tokenEndpointOf (app: FastifyInstance, store: Awaited<ReturnType<typeof openStore>>): Promise<void> {
  await app.register(tokenEndpoint, { issuer: ISSUER, audience: AUDIENCE, policy: { ...POLICY, roles: { manager: ['profile', 'address'] } }, store, credentialProvider: storeCredentialProvider(store) })
}

/** Two nodes with one store. */
async function nodes (t: Test, options: Partial<ResourceGuardOptions> = {}): Promise<readonly [FastifyInstance, FastifyInstance]> {
  const store = await openStore('sqlite::memory:')
  const made: FastifyInstance[] = []
  for (let index = 0; index < 2; index++) {
    const app = Fastify() as unknown as FastifyInstance
    await tokenEndpointOf(app, store)
    app.register(async api => {
      await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy: POLICY, store, ...options })
      customerRoute()(api)
    })
    await app.ready()
    made.push(app)
  }
  t.teardown(async () => {
    for (const app of made) await app.close()
    await store.close()
  })
  return [made[0]!, made[1]!]
}

t.test('E13 E14 a proof at two nodes with one store at once → one success', async t => {
  const [one, other] = await nodes(t)
  const headers = await (await dpopFor(one, { scope: 'profile' }))('GET', '/customer')
  const answers = await Promise.all([one, other, one, other].map(app => app.inject({ url: '/customer', headers })))
  t.strictSame(answers.map(({ statusCode }) => statusCode).sort(), [200, 401, 401, 401])
})

t.test('E15 a nonce of one node → accepted by the other, which has the same store', async t => {
  const [one, other] = await nodes(t, { dpop: { nonce: true } })
  const headers = await dpopFor(one, { scope: 'profile' })
  isReleased(t, await other.inject({ url: '/customer', headers: await headers('GET', '/customer') }))
})

t.test('dpopFor and tokenFor → where nothing can be proven, an error says so', async t => {
  const [app] = await nodes(t, { audience: 'customers' })
  t.match(await tokenFor(app), /^eyJ/)
  await t.rejects(dpopFor(app), { code: 'FST_KEYHOLE_TEST_TOKEN', message: /does not know the URL/ })
})

t.test('what config.keyhole.dpop may not be → no boot', async t => {
  const faulty = [
    [{ dpop: 'required' }, /dpop takes/], [{ dpop: {} }, /dpop takes/], [{ dpop: { required: 1 } }, /dpop takes/], [{ dpop: { required: true, x: 1 } }, /dpop takes/],
    [{ dpop: { required: true }, public: true }, /a public route takes no proof/]
  ] as const
  for (const [keyhole, message] of faulty) {
    await t.rejects(guardedApp(t, api => { api.get('/', { config: { keyhole: keyhole as never } }, async () => null) }), { code: 'FST_KEYHOLE_ROUTE_INVALID', message }, JSON.stringify(keyhole))
  }
  await t.rejects(guardedApp(t, api => { api.get('/', { config: { keyhole: { dpop: { required: true } } } }, async () => null) }, { options: { audience: 'customers' } }), { message: /Give it dpop: \{ baseUrl \}/ })
})

t.test('C71 what a CORS plugin exposes → leaves with the nonce', async t => {
  const { app } = await guardedApp(t, customerRoute(), {
    options: { dpop: { nonce: true, nonceKey: 'k'.repeat(32) } },
    before: app => { app.addHook('onRequest', async (_request, reply) => { reply.header('access-control-expose-headers', 'DPoP-Nonce, WWW-Authenticate') }) }
  })
  const refused = await app.inject({ url: '/customer', headers: await headersOf(bound()) })
  t.equal(refused.headers['access-control-expose-headers'], 'DPoP-Nonce, WWW-Authenticate')
  t.ok(refused.headers['dpop-nonce'])
})

t.test('no proof, token or nonce → in any line of the log', async t => {
  const { dpop } = await headersOf(bound())
  t.notMatch(log.text(), dpop.split('.')[2]!)
  t.notMatch(log.text(), /eyJ/)
})

t.test('at the endpoint', async t => {
  const { app, post, request, manager, store } = await tokenApp(t)
  const proof = async (claims: Record<string, unknown> = {}) => ({ dpop: await ada.proof({ htm: 'POST', htu: ENDPOINT, ...claims }) })

  await t.test('C66 a proof → a token of type DPoP with cnf.jkt; none → a bearer token', async t => {
    const { access_token: token, token_type: type } = (await post(request(manager), await proof())).json()
    t.equal(type, 'DPoP')
    t.strictSame(claimsIn(token).cnf, { jkt: ada.thumbprint })
    const bearer = (await post(request(manager))).json()
    t.equal(bearer.token_type, 'Bearer')
    t.notOk('cnf' in claimsIn(bearer.access_token))
  })

  await t.test('C67 C49 a proof that does not hold → 400 invalid_dpop_proof, no token', async t => {
    const good = await proof()
    for (const dpop of ['', 'x', `${good.dpop}, ${good.dpop}`, (await proof({ htm: 'GET' })).dpop, (await proof({ htu: AUDIENCE })).dpop]) isTokenRefusal(t, await post(request(manager), { dpop }), 400, 'invalid_dpop_proof')
    t.equal((await post(request(manager), good)).statusCode, 200)
    isTokenRefusal(t, await post(request(manager), good), 400, 'invalid_dpop_proof', 'C64 twice')
  })

  await t.test('a client that does not prove who it is → uses up no proof', async t => {
    const headers = await proof()
    isTokenRefusal(t, await post(request({ ...manager, clientSecret: 'wrong' }), headers), 401, 'invalid_client')
    t.equal((await post(request(manager), headers)).statusCode, 200)
  })

  await t.test('C69 introspection of a bound token → its cnf and token type', async t => {
    const { access_token: token } = (await post(request(manager), await proof())).json()
    const { clientSecret, apiKey, id } = manager
    const answer = await app.inject({ method: 'POST', url: '/oauth2/introspect', payload: { token, client_id: id, client_secret: clientSecret, api_key: apiKey } })
    t.match(answer.json(), { active: true, token_type: 'DPoP', cnf: { jkt: ada.thumbprint } })
    t.equal((await app.inject({ method: 'POST', url: '/oauth2/revoke', payload: { token, client_id: id, client_secret: clientSecret, api_key: apiKey } })).statusCode, 200)
  })

  await t.test('the metadata → the algorithms of proofs', async t => {
    t.strictSame((await app.inject('/.well-known/oauth-authorization-server')).json().dpop_signing_alg_values_supported, ['ES256', 'EdDSA', 'Ed25519'])
  })

  await t.test('C68 a client whose tokens have to be bound, without proof → 400 invalid_dpop_proof', async t => {
    const provider = storeCredentialProvider(store)
    const { post, request } = await tokenApp(t, { options: { store, credentialProvider: { verify: async (credentials, context) => ({ ...(await provider.verify(credentials, context))!, dpopBound: true }) } } })
    isTokenRefusal(t, await post(request(manager)), 400, 'invalid_dpop_proof')
    t.equal((await post(request(manager), await proof())).json().token_type, 'DPoP')
  })

  await t.test('C59 nonces → 400 use_dpop_nonce with DPoP-Nonce, and a token with it', async t => {
    const { post, request } = await tokenApp(t, { options: { store, credentialProvider: storeCredentialProvider(store), dpop: { nonce: 60 } } })
    const refused = await post(request(manager), await proof())
    isTokenRefusal(t, refused, 400, 'use_dpop_nonce')
    const nonce = refused.headers['dpop-nonce']
    const issued = await post(request(manager), await proof({ nonce }))
    t.equal(issued.json().token_type, 'DPoP')
    t.equal(issued.headers['dpop-nonce'], nonce)
    isTokenRefusal(t, await post(request(manager), await proof()), 400, 'use_dpop_nonce', 'C59 without, after one was given')
    t.equal((await post(request(manager))).json().token_type, 'Bearer', 'who needs no proof needs no nonce')
  })

  await t.test('E16 nothing tells whether a proof was used → 503', async t => {
    const { post, request } = await tokenApp(t, { options: { store: { ...store, replays: { use: async () => { throw new Error('the disk is full') } } }, credentialProvider: storeCredentialProvider(store) } })
    isTokenRefusal(t, await post(request(manager), await proof()), 503, 'temporarily_unavailable')
  })

  await t.test('an option that is wrong → no boot', async t => {
    for (const dpop of [null, 'required', { required: true }]) await t.rejects(tokenApp(t, { options: { dpop: dpop as never } }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^dpop: write/ })
    await t.rejects(tokenApp(t, { options: { store: { keys: store.keys }, dpop: { nonce: true } } }), { message: /^dpop\.nonceKey/ })
  })
})

function claimsIn (token: string): Record<string, unknown> {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
}
