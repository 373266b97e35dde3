import t from 'tap'
import { assertionOf, clientKey, segment } from '../credentials/asserting.js'
import { BILLING, claimsOf, EXCHANGE, exchangeApp, JWT_BEARER, LOGIN, TYPE } from './exchanging.js'
import { AUDIENCE, isRefusal, ISSUER } from './token-endpoint-app.js'

const ACCESS_TOKEN = `${TYPE}access_token`
const JWT = `${TYPE}jwt`

t.test('C23, C25 the JWT of a trusted issuer → a token for its subject, without act, roles and the client\'s claims', async t => {
  const { client, exchange, person } = await exchangeApp(t)
  const crm = await client('web', ['editor'], { claims: { name: 'Web' } })
  const response = await exchange(crm, { subject_token: await person(), subject_token_type: JWT })
  t.equal(response.statusCode, 200)
  t.match(response.json(), { issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', scope: 'profile', roles: [] })
  t.notOk('refresh_token' in response.json() || 'claims' in response.json(), 'B62')
  t.match(claimsOf(response.json().access_token), { iss: ISSUER, sub: `${LOGIN}|ada`, client_id: 'web', aud: AUDIENCE, scope: 'profile', act: undefined, roles: undefined })
})

t.test('C22 scopes → only what subject and client both have', async t => {
  const { client, exchange, ownToken, person } = await exchangeApp(t)
  const editor = await client('web', ['editor'])
  const narrow = { subject_token: await ownToken(editor, { scope: 'profile' }), subject_token_type: ACCESS_TOKEN }
  t.equal((await exchange(editor, narrow)).json().scope, 'profile')
  isRefusal(t, await exchange(editor, { ...narrow, scope: 'profile profile:write' }), 400, 'invalid_scope', 'the client has it, its token has not')
  const written = { subject_token: await ownToken(editor, { scope: 'profile:write' }), subject_token_type: ACCESS_TOKEN }
  isRefusal(t, await exchange(editor, written), 400, 'invalid_scope', 'what writes is asked for')
  t.equal((await exchange(editor, { ...written, scope: 'profile:write' })).json().scope, 'profile:write')

  const foreign = async (claims = {}) => ({ subject_token: await person(claims), subject_token_type: JWT })
  isRefusal(t, await exchange(editor, { ...await foreign(), scope: 'contact' }), 400, 'invalid_scope', 'C47 the issuer may delegate it, the client has not')
  isRefusal(t, await exchange(await client('crm2', ['manager']), { ...await foreign(), scope: 'address' }), 400, 'invalid_scope', 'the client has it, the issuer may not delegate it')
  isRefusal(t, await exchange(editor, { ...await foreign({ scope: 'profile' }), scope: 'profile:write' }), 400, 'invalid_scope', 'the issuer may, this JWT does not say so')
  isRefusal(t, await exchange(editor, await foreign({ scope: 'openid email' })), 400, 'invalid_scope', 'nothing in common')
})

t.test('C22, C28 a chain of exchanges → never wider, never longer', async t => {
  const { client, exchange, ownToken } = await exchangeApp(t)
  const [narrow, wide] = [await client('narrow', ['manager']), await client('wide', ['editor'], { audiences: [AUDIENCE] })]
  let token = await ownToken(narrow, { scope: 'profile' })
  const { exp } = claimsOf(token)
  for (let round = 0; round < 6; round++) {
    const response = await exchange(wide, { subject_token: token, subject_token_type: ACCESS_TOKEN })
    t.equal(response.json().scope, 'profile')
    token = response.json().access_token
    t.ok(Number(claimsOf(token).exp) <= Number(exp), 'C24')
    t.equal(claimsOf(token).sub, 'narrow')
    isRefusal(t, await exchange(wide, { subject_token: token, subject_token_type: ACCESS_TOKEN, scope: 'profile:write' }), 400, 'invalid_scope')
  }
})

t.test('C24 expires_in → at most what the subject_token has left; nothing left: refused', async t => {
  const { client, exchange, person } = await exchangeApp(t)
  const web = await client('web', ['editor'])
  const now = Math.floor(Date.now() / 1000)
  const short = (await exchange(web, { subject_token: await person({ exp: now + 40 }), subject_token_type: JWT })).json()
  t.ok(short.expires_in <= 40 && short.expires_in > 30)
  t.equal((await exchange(web, { subject_token: await person({ exp: now + 4000 }), subject_token_type: JWT })).json().expires_in, 300)
  isRefusal(t, await exchange(web, { subject_token: await person({ exp: now - 1, iat: now - 60 }), subject_token_type: JWT }), 400, 'invalid_grant', 'within the tolerance of clocks')
  isRefusal(t, await exchange(web, { subject_token: await person({ exp: now - 60, iat: now - 600 }), subject_token_type: JWT }), 400, 'invalid_request')
})

t.test('C16, C17, C18 parameters that are missing, alone or unknown → invalid_request', async t => {
  const { client, exchange, ownToken } = await exchangeApp(t)
  const web = await client('web', ['editor'])
  const token = await ownToken(web)
  const good = { subject_token: token, subject_token_type: ACCESS_TOKEN }
  const wrong: Record<string, Record<string, string>> = {
    'C16 no subject_token': { subject_token_type: ACCESS_TOKEN },
    'C16 no subject_token_type': { subject_token: token },
    'C17 actor_token alone': { ...good, actor_token: token },
    'C17 actor_token_type alone': { ...good, actor_token_type: ACCESS_TOKEN },
    'C18 unknown subject_token_type': { ...good, subject_token_type: `${TYPE}refresh_token` },
    'C18 SAML': { ...good, subject_token_type: `${TYPE}saml2` },
    'C18 unknown actor_token_type': { ...good, actor_token: token, actor_token_type: 'x' },
    'C18 requested_token_type': { ...good, requested_token_type: `${TYPE}refresh_token` }
  }
  for (const [name, parameters] of Object.entries(wrong)) isRefusal(t, await exchange(web, parameters), 400, 'invalid_request', name)
  t.equal((await exchange(web, { ...good, requested_token_type: ACCESS_TOKEN })).statusCode, 200)
})

t.test('C20, C27 a token that is not what it was declared as, does not hold, or is bound to a key → invalid_request', async t => {
  const { client, exchange, ownToken, person, stranger } = await exchangeApp(t)
  const web = await client('web', ['editor'])
  const own = await ownToken(web)
  const wrong: [string, string, string][] = [
    ['an id_token as access_token', await person(), ACCESS_TOKEN],
    ['an access token as id_token', await person({}, { typ: 'at+jwt' }), `${TYPE}id_token`],
    ['our own access token as id_token', own, `${TYPE}id_token`],
    ['our own access token as jwt', own, JWT],
    ['a DPoP proof', await person({}, { typ: 'dpop+jwt' }), JWT],
    ['a logout token', await person({}, { typ: 'logout+jwt' }), `${TYPE}id_token`],
    ['a client assertion', await assertionOf('web', stranger), JWT],
    ['a client assertion that claims to be ours', await assertionOf('web', stranger, { claims: { iss: ISSUER } }), ACCESS_TOKEN],
    ['signed by somebody else', await person({}, {}, stranger), JWT],
    ['of an issuer that nobody trusts', await person({ iss: 'https://evil.example.com' }), JWT],
    ['for somebody else', await person({ aud: 'https://other.example.com' }), JWT],
    ['without sub', await person({ sub: undefined }), JWT],
    ['C27 bound to a key', await person({ cnf: { jkt: 'x' } }), JWT],
    ['with an actor of its own', await person({ act: { sub: 'web' } }), JWT],
    ['unsigned', `${segment({ alg: 'none' })}.${segment({ iss: ISSUER, sub: 'admin' })}.`, ACCESS_TOKEN],
    ['no JWT', 'x', JWT],
    ['of a type that nobody knows', await person(), `${TYPE}refresh_token`]
  ]
  for (const [name, subjectToken, type] of wrong) isRefusal(t, await exchange(web, { subject_token: subjectToken, subject_token_type: type }), 400, 'invalid_request', name)
  for (const [header, type] of [[{ typ: 'at+jwt' }, ACCESS_TOKEN], [{ typ: 'at+jwt' }, JWT], [{ typ: 'JWT' }, `${TYPE}id_token`], [{}, JWT]] as const) {
    t.equal((await exchange(web, { subject_token: await person({}, header), subject_token_type: type })).statusCode, 200, `${JSON.stringify(header)} as ${type}`)
  }
})

t.test('C25 an actor_token → act, with those who acted before inside; five actors are too many', async t => {
  const { app, client, exchange, ownToken, person, request } = await exchangeApp(t)
  const clients = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(id => client(id, ['editor'], { audiences: [AUDIENCE] })))
  let token = await person()
  let type = JWT
  let act: object | undefined
  for (const acting of clients) {
    const response = await exchange(acting, { subject_token: token, subject_token_type: type, actor_token: await ownToken(acting), actor_token_type: ACCESS_TOKEN })
    if (acting.id === 'e') {
      isRefusal(t, response, 400, 'invalid_request', 'C28')
    } else {
      token = response.json().access_token
      type = ACCESS_TOKEN
      act = { sub: acting.id, ...(act && { act }) }
      t.match(claimsOf(token), { sub: `${LOGIN}|ada`, client_id: acting.id })
      t.strictSame(claimsOf(token).act, act)
    }
  }
  const last = clients[4]!
  const laundered = await exchange(last, { subject_token: token, subject_token_type: ACCESS_TOKEN })
  t.strictSame(claimsOf(laundered.json().access_token).act, act, 'an exchange without actor hides nobody')
  const told = await app.inject({ method: 'POST', url: '/oauth2/introspect', payload: { ...request(last), token: laundered.json().access_token } })
  t.strictSame(told.json().act, act, 'introspection tells who acts')
})

t.test('E7 a trusted issuer whose keys cannot be read → 503 with Retry-After at both grants, since its JWT may well hold', async t => {
  const away = 'http://127.0.0.1:1'
  const { client, exchange, person, post, request } = await exchangeApp(t, { trustedIssuers: [{ issuer: away, scopes: ['profile'] }] })
  const web = await client('web', ['editor'])
  const jwt = await person({ iss: away })
  for (const response of [
    await exchange(web, { subject_token: jwt, subject_token_type: JWT }),
    await post(request(web, { grant_type: JWT_BEARER, assertion: jwt }))
  ]) {
    isRefusal(t, response, 503, 'temporarily_unavailable')
    t.equal(response.headers['retry-after'], '5')
  }
})

t.test('C26 may_act → the actor it names, and nobody else', async t => {
  const { client, exchange, ownToken, person } = await exchangeApp(t)
  const [web, job] = [await client('web', ['editor']), await client('job', ['editor'])]
  const ask = async (by: typeof web, mayAct: unknown, withActor = false) => await exchange(by, {
    subject_token: await person({ may_act: mayAct }), subject_token_type: JWT, ...(withActor && { actor_token: await ownToken(by), actor_token_type: ACCESS_TOKEN })
  })
  for (const withActor of [false, true]) {
    t.equal((await ask(web, { iss: ISSUER, sub: 'web' }, withActor)).statusCode, 200)
    t.equal((await ask(web, { iss: ISSUER, sub: 'web', client_id: 'web' }, withActor)).statusCode, 200)
    isRefusal(t, await ask(job, { iss: ISSUER, sub: 'web' }, withActor), 400, 'invalid_request', 'another client')
    isRefusal(t, await ask(web, { sub: 'web' }, withActor), 400, 'invalid_request', 'a sub without iss is the login server\'s own web')
    for (const mayAct of [null, 'web', [], {}, { iss: ISSUER }, { iss: ISSUER, sub: 'web', email: 'x' }, { iss: ISSUER, sub: ['web'] }]) {
      isRefusal(t, await ask(web, mayAct, withActor), 400, 'invalid_request', JSON.stringify(mayAct))
    }
  }
  const actor = { actor_token: await person({ sub: 'robot' }), actor_token_type: JWT }
  const response = await exchange(web, { subject_token: await person({ may_act: { sub: 'robot' } }), subject_token_type: JWT, ...actor })
  t.strictSame(claimsOf(response.json().access_token).act, { sub: `${LOGIN}|robot` })
})

t.test('C30 a token of another client → only for whom it is for; as actor_token never', async t => {
  const { client, exchange, ownToken } = await exchangeApp(t)
  const [web, thief, api] = [await client('web', ['editor']), await client('thief', ['editor']), await client('api', ['editor'], { audiences: [AUDIENCE] })]
  const token = await ownToken(web)
  const presented = { subject_token: token, subject_token_type: ACCESS_TOKEN }
  isRefusal(t, await exchange(thief, presented), 400, 'invalid_request')
  t.match(claimsOf((await exchange(api, presented)).json().access_token), { sub: 'web', client_id: 'api' })
  isRefusal(t, await exchange(api, { subject_token: await ownToken(api), subject_token_type: ACCESS_TOKEN, actor_token: token, actor_token_type: ACCESS_TOKEN }), 400, 'invalid_request', 'confused deputy')
})

t.test('C29 a client without this grant → unauthorized_client', async t => {
  const { manager, exchange, ownToken } = await exchangeApp(t)
  isRefusal(t, await exchange(manager, { subject_token: await ownToken(manager), subject_token_type: ACCESS_TOKEN }), 400, 'unauthorized_client')
})

t.test('E23 a revoked subject_token, or one of a client that was disabled → refused', async t => {
  const { app, client, exchange, ownToken, request } = await exchangeApp(t)
  const [web, api] = [await client('web', ['editor']), await client('api', ['editor'], { audiences: [AUDIENCE] })]
  const token = await ownToken(web)
  const presented = { subject_token: token, subject_token_type: ACCESS_TOKEN }
  t.equal((await exchange(api, presented)).statusCode, 200)
  await app.inject({ method: 'POST', url: '/oauth2/revoke', payload: { ...request(web), token } })
  isRefusal(t, await exchange(api, presented), 400, 'invalid_request')
})

t.test('C21 resource and audience → aud, each of them once; one that is not permitted: invalid_target', async t => {
  const { client, exchange, ownToken } = await exchangeApp(t)
  const web = await client('web', ['editor'], { resources: [BILLING] })
  const token = `subject_token=${await ownToken(web)}&subject_token_type=${ACCESS_TOKEN}`
  const both = await exchange(web, `${token}&audience=${BILLING}&audience=${AUDIENCE}&resource=${BILLING}`)
  t.strictSame(claimsOf(both.json().access_token).aud, [BILLING, AUDIENCE])
  isRefusal(t, await exchange(web, `${token}&audience=https://other.example.com`), 400, 'invalid_target')
  isRefusal(t, await exchange(web, `${token}&audience=${BILLING}&resource=https://other.example.com`), 400, 'invalid_target')
})

t.test('no trusted issuer, or one that may delegate nothing → its JWTs are exchanged for nothing', async t => {
  const login = await clientKey('RS256')
  for (const trustedIssuers of [[], [{ issuer: LOGIN, jwks: { keys: [login.publicJwk] } }]]) {
    const { app, client, exchange } = await exchangeApp(t, { trustedIssuers })
    const web = await client('web', ['editor'])
    const subjectToken = await assertionOf('ada', login, { claims: { iss: LOGIN, aud: ISSUER } })
    isRefusal(t, await exchange(web, { subject_token: subjectToken, subject_token_type: JWT }), 400, 'invalid_request')
    t.strictSame((await app.inject('/.well-known/oauth-authorization-server')).json().grant_types_supported, ['client_credentials', EXCHANGE])
  }
})
