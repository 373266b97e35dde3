import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { Type } from '@sinclair/typebox'
import { createTokenIssuer } from '../../lib/access-token/issue.js'
import type { CredentialProvider } from '../../lib/credentials/provider.js'
import { openKeyRing } from '../../lib/keys/key-ring.js'
import { claimSet } from '../../lib/release/annotation.js'
import { openStore } from '../../lib/store/open-store.js'
import type { Store } from '../../lib/store/store.js'
import resourceGuard from '../../plugins/resource-guard.js'
import { forge, keyPair } from '../access-token/forge.js'
import { AUDIENCE, basic, FORM, form, isRefusal, ISSUER, POLICY, tokenApp, without, type Parameters, type TokenApp } from './token-endpoint-app.js'

const INACTIVE = { active: false }

async function tokenOf ({ post, request, manager }: TokenApp, scope = 'profile'): Promise<string> {
  return (await post(request(manager, { scope }))).json().access_token
}

function claimsIn (token: string) {
  return JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
}

/** The endpoint, and how to ask it about a token as one of its clients. */
async function askingApp (t: Test) {
  const tokens = await tokenApp(t)
  const ask = (url: string, parameters: Parameters | string, headers: Record<string, string> = {}) => tokens.app.inject({
    method: 'POST', url, headers: { 'content-type': FORM, ...headers }, payload: typeof parameters === 'string' ? parameters : form(parameters)
  })
  const as = (client: TokenApp['manager'], more: Parameters) => without(tokens.request(client, more), 'grant_type')
  return {
    ...tokens,
    as,
    introspect: (parameters: Parameters | string, headers?: Record<string, string>) => ask('/oauth2/introspect', parameters, headers),
    revoke: (parameters: Parameters | string, headers?: Record<string, string>) => ask('/oauth2/revoke', parameters, headers)
  }
}

t.test('C88, C89 introspection of a token that holds, by its client → what RFC 7662 2.2 has, and no claim of anybody', async t => {
  const app = await askingApp(t)
  const token = await tokenOf(app)
  const response = await app.introspect(app.as(app.manager, { token }))
  const { iat, exp, jti } = claimsIn(token)
  t.equal(response.statusCode, 200)
  t.match(response.headers, { 'content-type': /^application\/json/, 'cache-control': 'no-store' })
  t.notOk('etag' in response.headers, 'C89')
  t.strictSame(response.json(), { active: true, token_type: 'Bearer', scope: 'profile', client_id: 'crm', sub: 'crm', aud: AUDIENCE, iss: ISSUER, jti, exp, iat }, 'C88')
})

t.test('a token without scopes → no member scope', async t => {
  const app = await askingApp(t)
  const ring = await openKeyRing(app.store.keys)
  const { token } = await createTokenIssuer({ issuer: ISSUER, signingKey: () => ring.signingKey })
    .issue({ subject: 'crm', clientId: 'crm', audience: AUDIENCE, scopes: [], lifetime: 60 })
  const answer = (await app.introspect(app.as(app.manager, { token }))).json()
  t.ok(answer.active)
  t.notOk('scope' in answer)
})

t.test('C83 introspection without credentials, or with wrong ones → 401; C90 a token is no credential', async t => {
  const app = await askingApp(t)
  const token = await tokenOf(app)
  isRefusal(t, await app.introspect({ token }), 401, 'invalid_client')
  isRefusal(t, await app.introspect({ ...app.as(app.manager, { token }), api_key: 'wrong' }), 401, 'invalid_client')
  isRefusal(t, await app.introspect(without(app.as(app.manager, { token }), 'api_key')), 401, 'invalid_client')
  isRefusal(t, await app.introspect({ token }, { authorization: `Bearer ${token}` }), 401, 'invalid_client')
})

t.test('C84 a token that does not hold → exactly { active: false }', async t => {
  const app = await askingApp(t)
  const token = await tokenOf(app)
  const foreign = forge({ key: keyPair('k1') })
  for (const other of ['garbage', 'a.b.c', foreign, token.slice(0, -2), `${token}x`]) {
    const response = await app.introspect(app.as(app.manager, { token: other }))
    t.equal(response.statusCode, 200)
    t.equal(response.payload, JSON.stringify(INACTIVE))
  }
})

t.test('C85 another client\'s token → { active: false }, unless the caller is a resource that the token is for', async t => {
  const app = await askingApp(t)
  const token = await tokenOf(app)
  t.strictSame((await app.introspect(app.as(app.editor, { token }))).json(), INACTIVE)
  const api = await app.store.clients.create({ id: 'api', roles: ['writer'], audiences: [AUDIENCE] })
  const other = await app.store.clients.create({ id: 'other', roles: ['writer'], audiences: ['https://other.example.com'] })
  t.match((await app.introspect(app.as(api, { token }))).json(), { active: true, client_id: 'crm' })
  t.strictSame((await app.introspect(app.as(other, { token }))).json(), INACTIVE)
})

t.test('C85 a client whose provider says nothing of audiences → its own tokens alone', async t => {
  const credentialProvider: CredentialProvider = { verify: async ({ clientId }) => ({ clientId, roles: ['manager'] }) }
  const { app, post } = await tokenApp(t, { options: { credentialProvider } })
  const { access_token: token } = (await post({ grant_type: 'client_credentials', client_id: 'crm' })).json()
  const introspect = async (clientId: string) => (await app.inject({ method: 'POST', url: '/oauth2/introspect', payload: { client_id: clientId, token } })).json()
  t.match(await introspect('crm'), { active: true, client_id: 'crm' })
  t.strictSame(await introspect('cms'), INACTIVE)
})

t.test('C86, C87, C95 no token, two, GET, any hint', async t => {
  const app = await askingApp(t)
  const token = await tokenOf(app)
  for (const [url, ask] of [['/oauth2/introspect', app.introspect], ['/oauth2/revoke', app.revoke]] as const) {
    const missing = await ask(app.as(app.manager, {}))
    isRefusal(t, missing, 400, 'invalid_request')
    t.equal(missing.json().error_description, 'token is missing')
    isRefusal(t, await ask(`${form(app.as(app.manager, { token }))}&token=${token}`), 400, 'invalid_request')
    isRefusal(t, await app.app.inject(url), 405, 'invalid_request')
    isRefusal(t, await ask({ ...app.as(app.manager, { token }), client_secret: 'wrong' }), 401, 'invalid_client')
  }
  for (const hint of ['refresh_token', 'nonsense']) t.ok((await app.introspect(app.as(app.manager, { token, token_type_hint: hint }))).json().active)
})

t.test('C92 a client revokes its token → 200 without a body, then it is inactive; another of its tokens is not', async t => {
  const app = await askingApp(t)
  const [token, other] = [await tokenOf(app), await tokenOf(app)]
  const response = await app.revoke(app.as(app.manager, { token, token_type_hint: 'access_token' }))
  t.equal(response.statusCode, 200)
  t.equal(response.payload, '')
  t.equal(response.headers['cache-control'], 'no-store')
  t.strictSame((await app.introspect(app.as(app.manager, { token }))).json(), INACTIVE)
  t.ok((await app.introspect(app.as(app.manager, { token: other }))).json().active)
  t.equal((await app.revoke(app.as(app.manager, { token }))).statusCode, 200, 'C93 again')
})

t.test('C93, C96 an unknown or malformed token, an unknown hint → 200', async t => {
  const app = await askingApp(t)
  for (const token of ['garbage', forge({ key: keyPair('k1') })]) t.equal((await app.revoke(app.as(app.manager, { token, token_type_hint: 'nonsense' }))).statusCode, 200)
})

t.test('another client\'s token → refused, and it is still good', async t => {
  const app = await askingApp(t)
  const token = await tokenOf(app)
  isRefusal(t, await app.revoke(app.as(app.editor, { token })), 400, 'unauthorized_client')
  t.ok((await app.introspect(app.as(app.manager, { token }))).json().active)
})

t.test('C97 a store that is down → 503 with Retry-After, and nothing says that the token was revoked', async t => {
  const app = await askingApp(t)
  const token = await tokenOf(app)
  const credentials = { authorization: basic('crm', app.manager.clientSecret), 'x-api-key': app.manager.apiKey }
  await app.store.close()
  const response = await app.revoke({ token }, credentials)
  isRefusal(t, response, 503, 'temporarily_unavailable')
  t.ok(response.headers['retry-after'])
})

t.test('C97 a store that keeps nothing more → 503, and the token is still good', async t => {
  const store = await openStore('sqlite::memory:')
  const revocations = { ...store.revocations, add: async () => { throw new Error('the disk is full') } }
  const app = await tokenApp(t, { options: { store: { keys: store.keys, revocations } } })
  t.teardown(() => store.close())
  const token = await tokenOf(app)
  const parameters = without(app.request(app.manager, { token }), 'grant_type')
  const post = (url: string) => app.app.inject({ method: 'POST', url, headers: { 'content-type': FORM }, payload: form(parameters) })
  isRefusal(t, await post('/oauth2/revoke'), 503, 'temporarily_unavailable')
  t.ok((await post('/oauth2/introspect')).json().active)
})

t.test('C104 a store without revocations → no revocation endpoint, and the metadata says so', async t => {
  const store = await openStore('sqlite::memory:')
  t.teardown(() => store.close())
  const { app } = await tokenApp(t, { options: { store: { keys: store.keys } } })
  t.equal((await app.inject({ method: 'POST', url: '/oauth2/revoke' })).statusCode, 404)
  const metadata = (await app.inject('/.well-known/oauth-authorization-server')).json()
  t.notOk('revocation_endpoint' in metadata || 'revocation_endpoint_auth_methods_supported' in metadata)
  t.equal(metadata.introspection_endpoint, `${ISSUER}/oauth2/introspect`)
})

/** A guarded route over a store that another process could have opened. */
async function guardOn (t: Test, store: Store): Promise<FastifyInstance> {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(async api => {
    await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy: POLICY, store })
    api.get('/customer', { schema: { response: { 200: Type.Object({ name: claimSet('profile_claims', Type.String()) }) } } }, async () => ({ name: 'Ada' }))
  })
  await app.ready()
  return app
}

t.test('C92, C99, E20 revoked by jti at the endpoint → every guard on the same store refuses it, one that starts later at once', async t => {
  const file = `sqlite:${t.testdir()}/keyhole.db`
  const [issuing, guarding] = [await openStore(file), await openStore(file)]
  t.teardown(async () => { await issuing.close(); await guarding.close() })
  const app = await tokenApp(t, { options: { store: issuing } })
  const guard = await guardOn(t, guarding)
  const [token, other] = [await tokenOf(app), await tokenOf(app)]
  const status = async (guard: FastifyInstance, token: string) => (await guard.inject({ url: '/customer', headers: { authorization: `Bearer ${token}` } })).statusCode
  t.equal(await status(guard, token), 200)
  await app.app.inject({ method: 'POST', url: '/oauth2/revoke', headers: { 'content-type': FORM }, payload: form(without(app.request(app.manager, { token }), 'grant_type')) })
  while (await status(guard, token) === 200) await new Promise(resolve => setTimeout(resolve, 20))
  const refused = await guard.inject({ url: '/customer', headers: { authorization: `Bearer ${token}` } })
  t.equal(refused.statusCode, 401)
  t.match(refused.headers['www-authenticate'], /error="invalid_token", error_description="The access token was revoked\."/)
  t.equal(await status(guard, other), 200)
  t.equal(await status(await guardOn(t, guarding), token), 401, 'one that starts later')
})

t.test('E17 a disabled client → its tokens are refused by every guard on the same store', async t => {
  const app = await tokenApp(t)
  const guard = await guardOn(t, app.store)
  const token = await tokenOf(app)
  const status = async () => (await guard.inject({ url: '/customer', headers: { authorization: `Bearer ${token}` } })).statusCode
  t.equal(await status(), 200)
  await app.store.clients.disable('crm')
  while (await status() === 200) await new Promise(resolve => setTimeout(resolve, 20))
  t.equal(await status(), 401)
})

t.test('keys that cannot be read for a token of an unknown one → 503, since nobody can tell whether it holds', async t => {
  const app = await tokenApp(t, { options: { credentialProvider: { verify: async () => ({ clientId: 'crm', roles: ['manager'] }) } } })
  await app.store.close()
  const parameters = { client_id: 'crm', client_secret: 'x', api_key: 'y', token: forge({ key: keyPair('newer') }) }
  isRefusal(t, await app.app.inject({ method: 'POST', url: '/oauth2/introspect', headers: { 'content-type': FORM }, payload: form(parameters) }), 503, 'temporarily_unavailable')
})
