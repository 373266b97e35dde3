import { EventEmitter, once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { createTokenVerifier } from '../../lib/access-token/verify.js'
import { readKeyRing } from '../../lib/keys/key-ring.js'
import { assertionOf, clientKey, segment } from '../credentials/asserting.js'
import { BILLING, claimsOf, exchangeApp, JWT_BEARER, LOGIN } from './exchanging.js'
import { AUDIENCE, basic, form, isRefusal, ISSUER, tokenApp } from './token-endpoint-app.js'

t.test('C47 a JWT of a trusted issuer → a token for its subject, within what the issuer may delegate', async t => {
  const { app, client, person, post, request } = await exchangeApp(t)
  const web = await client('web', ['editor'])
  const ask = async (assertion: string, more = {}) => await post(request(web, { grant_type: JWT_BEARER, assertion, ...more }))
  const response = await ask(await person())
  t.match(response.json(), { token_type: 'Bearer', scope: 'profile', roles: [] })
  t.match(claimsOf(response.json().access_token), { sub: `${LOGIN}|ada`, client_id: 'web', scope: 'profile' })
  t.equal((await ask(await person(), { scope: 'profile:write' })).json().scope, 'profile:write')
  isRefusal(t, await ask(await person(), { scope: 'address' }), 400, 'invalid_scope')
  t.ok((await app.inject('/.well-known/oauth-authorization-server')).json().grant_types_supported.includes(JWT_BEARER))
})

t.test('C31, C32, C34 an assertion that is missing, several, or does not hold', async t => {
  const { client, person, post, request, stranger, ownToken } = await exchangeApp(t)
  const web = await client('web', ['editor'])
  const ask = async (assertion: string, more = {}) => await post(request(web, { grant_type: JWT_BEARER, assertion, ...more }))
  const [one, two] = [await person(), await person()]
  for (const assertion of ['', 'x', `${one} ${two}`, `${one},${two}`, `${one}=`]) isRefusal(t, await ask(assertion), 400, 'invalid_request', `C31 ${assertion}`)
  isRefusal(t, await post(`${form(request(web, { grant_type: JWT_BEARER }))}&assertion=${one}&assertion=${two}`), 400, 'invalid_request', 'C31 repeated')
  const now = Math.floor(Date.now() / 1000)
  const wrong: Record<string, string> = {
    'C32 signature': await person({}, {}, stranger),
    'C32 exp': await person({ exp: now - 60, iat: now - 600 }),
    'C32 aud': await person({ aud: AUDIENCE }),
    'C32 unknown iss': await person({ iss: 'https://evil.example.com' }),
    'C34 no iss': await person({ iss: undefined }),
    'C34 no sub': await person({ sub: undefined }),
    'C34 no aud': await person({ aud: undefined }),
    'C34 no exp': await person({ exp: undefined }),
    'C38 nbf': await person({ nbf: now + 60 }),
    'an access token of the issuer': await person({}, { typ: 'at+jwt' }),
    'a DPoP proof': await person({}, { typ: 'dpop+jwt' }),
    'our own access token': await ownToken(web),
    'a client assertion': await assertionOf('web', stranger),
    'C46 header null': `${segment(null)}.${segment({ iss: LOGIN })}.AAAA`,
    'C46 payload array': `${segment({ alg: 'RS256' })}.${segment([])}.AAAA`
  }
  for (const [name, assertion] of Object.entries(wrong)) isRefusal(t, await ask(assertion), 400, 'invalid_grant', name)
})

t.test('C39, C48 an assertion with jti → good once; without → until it expires; as client assertion as well: refused', async t => {
  const { store, client, person, post, request } = await exchangeApp(t)
  const web = await client('web', ['editor'])
  const ask = async (assertion: string) => await post(request(web, { grant_type: JWT_BEARER, assertion }))
  const once = await person()
  t.equal((await ask(once)).statusCode, 200)
  isRefusal(t, await ask(once), 400, 'invalid_grant')
  const often = await person({ jti: undefined })
  for (let time = 0; time < 2; time++) t.equal((await ask(often)).statusCode, 200)

  await store.clients.create({ id: 'pod', roles: ['editor'], grants: [JWT_BEARER], authMethod: 'federated', federated: { issuer: LOGIN, subject: 'ada' } })
  const both = await person({ jti: undefined })
  const asClient = { grant_type: JWT_BEARER, client_id: 'pod', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: both }
  isRefusal(t, await post({ ...asClient, assertion: both }), 400, 'invalid_grant')
  t.equal((await post({ ...asClient, assertion: await person() })).statusCode, 200)
})

t.test('E16 what was used cannot be remembered → 503, no token', async t => {
  const { store, client, person, post, request } = await exchangeApp(t, {})
  const web = await client('web', ['editor'])
  const login = await clientKey('RS256')
  const broken = await tokenApp(t, { options: { trustedIssuers: [{ issuer: LOGIN, jwks: { keys: [login.publicJwk] }, scopes: ['profile'] }], store: { keys: store.keys, replays: { use: async () => { throw new Error('disk full') } } } } })
  const there = await broken.store.clients.create({ id: 'web', roles: ['editor'], grants: [JWT_BEARER] })
  const assertion = await assertionOf('ada', login, { claims: { iss: LOGIN } })
  isRefusal(t, await broken.post(broken.request(there, { grant_type: JWT_BEARER, assertion })), 503, 'temporarily_unavailable')
  t.equal((await post(request(web, { grant_type: JWT_BEARER, assertion: await person() }))).statusCode, 200)
})

t.test('C33, C39, C43 federated and private_key_jwt clients over the wire → tokens; wrong ones the same bytes as a wrong secret', async t => {
  const { store, person, post, manager, request } = await exchangeApp(t)
  const key = await clientKey()
  await store.clients.create({ id: 'pod', roles: ['editor'], authMethod: 'federated', federated: { issuer: LOGIN, subject: 'ada' } })
  await store.clients.create({ id: 'job', roles: ['editor'], authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] } })
  const asserted = (assertion: string, more = {}) => ({ grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion, ...more })
  t.equal(claimsOf((await post(asserted(await person(), { client_id: 'pod' }))).json().access_token).sub, 'pod')
  const assertion = await assertionOf('job', key)
  t.equal(claimsOf((await post(asserted(assertion))).json().access_token).sub, 'job', 'C43 without client_id')
  const refusal = await post({ ...request(manager), client_secret: 'x' })
  for (const [name, parameters] of Object.entries({
    'C39 again': asserted(assertion),
    'C43 another client_id': asserted(await assertionOf('job', key), { client_id: 'pod' }),
    'C33 for another audience': asserted(await assertionOf('job', key, { claims: { aud: AUDIENCE } })),
    'an unknown client': asserted(await assertionOf('nobody', key)),
    'a person who is not the client': asserted(await person({ sub: 'eve' }), { client_id: 'pod' }),
    'a subject that is the id of a client': asserted(await person({ sub: 'pod', iss: LOGIN }))
  })) {
    const response = await post(parameters)
    isRefusal(t, response, 401, 'invalid_client', name)
    t.equal(response.body, refusal.body, name)
    t.notOk('www-authenticate' in response.headers, 'B44')
  }
})

t.test('C6, C10, C11, C12, C13 resource → aud: the default, one, several; compared character by character', async t => {
  const { client, post, request } = await exchangeApp(t)
  const web = await client('web', ['editor'], { resources: [BILLING, 'https://api.example.com/v2'] })
  const ask = async (...resources: string[]) => await post([form(request(web)), ...resources.map(resource => form({ resource }))].join('&'))
  t.equal(claimsOf((await ask()).json().access_token).aud, AUDIENCE)
  t.equal(claimsOf((await ask(BILLING)).json().access_token).aud, BILLING)
  t.strictSame(claimsOf((await ask(BILLING, AUDIENCE, BILLING)).json().access_token).aud, [BILLING, AUDIENCE])
  for (const resource of ['https://API.example.com', `${AUDIENCE}/`, `${AUDIENCE}:443`, 'https://api.example.com/V2', `${BILLING}/%61`]) {
    isRefusal(t, await ask(resource), 400, 'invalid_target', `C13 ${resource}`)
  }
  for (const resource of ['/x', '//x', 'not a uri', '', `${AUDIENCE}#frag`, 'https://other.example.com', AUDIENCE + '#']) {
    isRefusal(t, await ask(resource), 400, 'invalid_target', `C10, C11 ${resource}`)
    isRefusal(t, await ask(AUDIENCE, resource), 400, 'invalid_target', `beside a good one: ${resource}`)
  }
  const inJson = await post(JSON.stringify({ ...request(web), resource: BILLING }), { 'content-type': 'application/json' })
  t.equal(claimsOf(inJson.json().access_token).aud, BILLING)
})

t.test('C7, C15 scopes that mean nothing at a resource → not granted for it', async t => {
  const { client, post, request } = await exchangeApp(t, { resourceScopes: { [BILLING]: ['profile:write'], [AUDIENCE]: ['profile'] } })
  const web = await client('web', ['editor'], { resources: [BILLING] })
  const ask = async (resources: string[], scope = '') => await post([form(request(web, { scope })), ...resources.map(resource => form({ resource }))].join('&'))
  t.equal((await ask([])).json().scope, 'profile')
  t.equal((await ask([BILLING], 'profile:write')).json().scope, 'profile:write')
  isRefusal(t, await ask([BILLING], 'profile'), 400, 'invalid_scope')
  isRefusal(t, await ask([AUDIENCE], 'profile:write'), 400, 'invalid_scope')
  isRefusal(t, await ask([AUDIENCE, BILLING], 'profile'), 400, 'invalid_target', 'it must mean something at each')
})

t.test('introspection and revocation → of tokens for other resources as well', async t => {
  const { app, client, ownToken, request } = await exchangeApp(t)
  const web = await client('web', ['editor'], { resources: [BILLING] })
  const token = await ownToken(web, { resource: BILLING })
  const about = async (path: string) => await app.inject({ method: 'POST', url: `/oauth2/${path}`, payload: { ...request(web), token, resource: 'ignored' } })
  t.match((await about('introspect')).json(), { active: true, aud: BILLING })
  t.equal((await about('revoke')).statusCode, 200)
  t.strictSame((await about('introspect')).json(), { active: false })
})

const VOUCHER = 'urn:example:grant:voucher'

t.test('a grant of the application\'s own → its subject, within what it and the client\'s roles allow', async t => {
  const asked: unknown[] = []
  const { app, store, post, request, manager } = await tokenApp(t, {
    options: {
      grants: [{
        type: VOUCHER,
        schema: Type.Object({ voucher: Type.String({ minLength: 3 }) }),
        handle: ({ parameters, client }) => {
          asked.push([parameters, client.clientId])
          switch (parameters.voucher) {
            case 'wrong': return null
            case 'throw': throw new Error('voucher service down')
            case 'odd': return { subject: '', scopes: [] }
            case 'short': return { subject: 'guest', scopes: ['profile'], expiresAt: Date.now() / 1000 + 20 }
            default: return { subject: 'guest', scopes: ['profile', 'profile:write', 'contact'] }
          }
        }
      }]
    }
  })
  const shop = await store.clients.create({ id: 'shop', roles: ['manager'], grants: [VOUCHER] })
  const ask = async (voucher: string, more = {}) => await post(request(shop, { grant_type: VOUCHER, voucher, ...more }))
  const response = await ask('good')
  t.equal(response.json().scope, 'profile')
  t.match(claimsOf(response.json().access_token), { sub: 'guest', client_id: 'shop' })
  t.same(asked[0], [{ grant_type: VOUCHER, voucher: 'good' }, 'shop'], 'no credentials')
  isRefusal(t, await ask('good', { scope: 'profile:write' }), 400, 'invalid_scope', 'the client\'s roles hold it not')
  isRefusal(t, await ask('good', { scope: 'address' }), 400, 'invalid_scope', 'the grant holds it not')
  t.ok((await ask('short')).json().expires_in <= 20)
  isRefusal(t, await ask('no'), 400, 'invalid_request')
  isRefusal(t, await ask('wrong'), 400, 'invalid_grant')
  isRefusal(t, await ask('throw'), 500, 'server_error')
  isRefusal(t, await ask('odd'), 500, 'server_error')
  isRefusal(t, await post(request(manager, { grant_type: VOUCHER, voucher: 'good' })), 400, 'unauthorized_client', 'B17')
  t.ok((await app.inject('/.well-known/oauth-authorization-server')).json().grant_types_supported.includes(VOUCHER))
})

t.test('a client whose tokens are revoked while a grant takes its time → what it gets then is revoked as well', async t => {
  const [begun, done] = [new EventEmitter(), new EventEmitter()]
  const { store, post, request } = await tokenApp(t, {
    options: {
      grants: [{
        type: VOUCHER,
        async handle ({ client }) {
          begun.emit('now')
          await once(done, 'now')
          return { subject: client.clientId, scopes: ['profile'] }
        }
      }]
    }
  })
  const shop = await store.clients.create({ id: 'shop', roles: ['manager'], grants: [VOUCHER] })
  const response = post(request(shop, { grant_type: VOUCHER }))
  await once(begun, 'now')
  await store.clients.revokeTokens('shop')
  const [revocation] = (await store.revocations.since(0)).revocations
  const issuedBefore = revocation?.kind === 'client' ? revocation.issuedBefore : NaN
  while (Date.now() / 1000 < issuedBefore) await sleep(50)
  done.emit('now')
  const { iat } = claimsOf((await response).json().access_token)
  t.ok(Number(iat) < issuedBefore, `${iat} is before ${issuedBefore}`)
})

t.test('wrong options → no boot, saying what to write', async t => {
  const handle = () => null
  const wrong: [object, RegExp][] = [
    [{ grants: {} }, /^grants: write a list/],
    [{ grants: [null] }, /^grants\[0\]\.type: write an absolute URI/],
    [{ grants: [{ type: 'voucher', handle }] }, /^grants\[0\]\.type: write an absolute URI/],
    [{ grants: [{ type: VOUCHER, handle }, { type: VOUCHER, handle }] }, /^grants\[1\]\.type: there is a grant of this type already/],
    [{ grants: [{ type: 'urn:ietf:params:oauth:grant-type:token-exchange', handle }] }, /^grants\[0\]\.type: there is a grant of this type already/],
    [{ grants: [{ type: VOUCHER }] }, /^grants\[0\]\.handle: write a function/],
    [{ grants: [{ type: VOUCHER, handle, schema: { type: 'object' } }] }, /^grants\[0\]\.schema: write a TypeBox schema/],
    [{ trustedIssuers: {} }, /^trustedIssuers: write a list/],
    [{ trustedIssuers: [null] }, /^trustedIssuers: write a list/],
    [{ trustedIssuers: [{ issuer: LOGIN, scopes: 'profile' }] }, /^trustedIssuers\[0\]\.scopes: write a list/],
    [{ trustedIssuers: [{ issuer: LOGIN, audience: '' }] }, /^trustedIssuers\[0\]\.audience: write/],
    [{ resourceScopes: null }, /^resourceScopes: write an object/],
    [{ resourceScopes: { [BILLING]: ['a b'] } }, /^resourceScopes\['https:\/\/billing\.example\.com'\]: write a list/]
  ]
  for (const [options, message] of wrong) await t.rejects(tokenApp(t, { options }), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(options))
})

t.test('a client whose tokens must be bound, and no proof → no token', async t => {
  const { client, post, request } = await exchangeApp(t)
  isRefusal(t, await post(request(await client('bound', ['editor'], { dpopBound: true }))), 400, 'invalid_dpop_proof', 'C68')
})

t.test('C14 a token for one resource → refused at another', async t => {
  const { store, client, ownToken } = await exchangeApp(t)
  const web = await client('web', ['editor'], { resources: [BILLING] })
  const keys = await readKeyRing(store.keys)
  const [here, there] = [AUDIENCE, BILLING].map(audience => createTokenVerifier({ issuer: ISSUER, audience, keys }))
  const token = await ownToken(web, { resource: BILLING })
  t.ok(await there!.verify(token))
  await t.rejects(async () => { await here!.verify(token) }, { message: 'The access token is for another audience.' })
})

t.test('C98 a token that was exchanged is revoked → what came of it lives on, as the docs say, and no longer than it would have', async t => {
  const { app, client, exchange, ownToken, request } = await exchangeApp(t)
  const web = await client('web', ['editor'])
  const first = await ownToken(web)
  const second = (await exchange(web, { subject_token: first, subject_token_type: 'urn:ietf:params:oauth:token-type:access_token' })).json().access_token
  const about = async (path: string, token: string) => await app.inject({ method: 'POST', url: `/oauth2/${path}`, payload: { ...request(web), token } })
  await about('revoke', first)
  t.strictSame((await about('introspect', first)).json(), { active: false })
  t.match((await about('introspect', second)).json(), { active: true })
  t.ok(Number(claimsOf(second).exp) <= Number(claimsOf(first).exp))
})

t.test('C9 roles → under the name of RFC 7643', async t => {
  const { manager, ownToken } = await exchangeApp(t)
  const { roles, groups, entitlements } = claimsOf(await ownToken(manager))
  t.strictSame({ roles, groups, entitlements }, { roles: ['manager'], groups: undefined, entitlements: undefined })
})

t.test('B71 a client that has a secret → may use Basic, whatever else is on', async t => {
  const { manager, post } = await exchangeApp(t)
  t.equal((await post('grant_type=client_credentials', { authorization: basic(manager.id, manager.clientSecret), 'x-api-key': manager.apiKey })).statusCode, 200)
})
