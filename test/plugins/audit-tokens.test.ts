import { Type } from '@sinclair/typebox'
import t from 'tap'
import type { TokenEndpointEvent } from '../../lib/audit/event.js'
import { claimSet } from '../../lib/release/annotation.js'
import { tokenApp, without } from './token-endpoint-app.js'

const subjectClaims = Type.Object({ email: claimSet('profile_claims', Type.String()), city: claimSet('address_claims', Type.String()) })

t.test('each token request → one event, which says whose it was and what came of it, never a secret or a claim', async t => {
  const events: TokenEndpointEvent[] = []
  const { app, store, post, request, editor } = await tokenApp(t, { options: { subjectClaims, audit: { log: false, hook: event => { events.push(event) } } } })
  const known = await store.clients.create({ id: 'known', roles: ['manager'], claims: { email: 'a@example.com', city: 'Utrecht' } })

  const issued = (await post(request(known, { scope: 'profile' }))).json()
  await post(request(editor, { scope: 'address' }))
  await post(request(editor, { grant_type: 'password' }))
  await post({ ...request(known), client_secret: known.apiKey })
  await post(without(request(known), 'grant_type'))
  await post('{', { 'content-type': 'application/json' })
  await app.inject('/oauth2/token')
  await store.close()
  await post(request(known))

  const none = { released: [], masked: [], withheld: [] }
  t.match(events, [
    { type: 'token request', time: Number, requestId: String, policy: issued.policy, status: 200, outcome: 'issued', clientId: 'known', subject: 'known', tokenId: String, grantType: 'client_credentials', scope: 'profile', roles: ['manager'], released: ['email'], masked: [], withheld: ['city'] },
    { status: 400, outcome: 'refused', error: 'invalid_scope', clientId: 'cms', grantType: 'client_credentials', ...none },
    { status: 400, outcome: 'refused', error: 'unsupported_grant_type', clientId: 'cms', ...none },
    { status: 401, outcome: 'refused', error: 'invalid_client', clientId: undefined, ...none },
    { status: 400, outcome: 'refused', error: 'invalid_request', clientId: undefined, ...none },
    { status: 400, outcome: 'refused', error: 'invalid_request', clientId: undefined, ...none },
    { status: 405, outcome: 'refused', error: 'invalid_request', clientId: undefined, ...none },
    { status: 503, outcome: 'failed', error: 'temporarily_unavailable', clientId: undefined, ...none }
  ])
  t.equal(events.length, 8)
  t.equal(events[0]!.tokenId, JSON.parse(Buffer.from(issued.access_token.split('.')[1], 'base64url').toString()).jti)
  const told = JSON.stringify(events)
  for (const value of [known.clientSecret, known.apiKey, editor.clientSecret, issued.access_token, 'a@example.com', 'Utrecht']) t.notOk(told.includes(value))
})

t.test('an endpoint without claims → no names; audit that is no audit → the boot stops', async t => {
  const events: TokenEndpointEvent[] = []
  const { post, request, manager } = await tokenApp(t, { options: { audit: { hook: event => { events.push(event) } } } })
  await post(request(manager))
  t.match(events, [{ outcome: 'issued', released: [], masked: [], withheld: [] }])
  await t.rejects(tokenApp(t, { options: { audit: 'log' as never } }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^audit: / })
})

t.test('each introspection and revocation → one event with who asked and about which token, and the log names the endpoint', async t => {
  const events: TokenEndpointEvent[] = []
  const lines: string[] = []
  const { app, post, request, manager, editor } = await tokenApp(t, {
    server: { logger: { level: 'info', stream: { write: (line: string) => { lines.push(line) } } } },
    options: { audit: { hook: event => { events.push(event) } } }
  })
  const { access_token: token } = (await post(request(manager))).json()
  const { jti } = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString())
  events.length = 0
  const ask = (endpoint: string, payload: object) => app.inject({ method: 'POST', url: `/oauth2/${endpoint}`, payload: { ...without(request(manager), 'grant_type'), token, ...payload } })

  await ask('introspect', {})
  await ask('introspect', { token: 'x' })
  await ask('introspect', { ...without(request(editor), 'grant_type'), token })
  await ask('introspect', { client_secret: 'x' })
  await ask('introspect', { client_id: 'a"\r\n{"level":60}\u2028' })
  await ask('revoke', { ...without(request(editor), 'grant_type'), token })
  await ask('revoke', {})
  await ask('revoke', {})
  await app.inject('/oauth2/revoke')

  const about = { policy: /^sha256-/, time: Number, requestId: String }
  t.match(events, [
    { ...about, type: 'token introspection', status: 200, outcome: 'active', clientId: 'crm', subject: 'crm', tokenId: jti },
    { ...about, type: 'token introspection', status: 200, outcome: 'inactive', clientId: 'crm', tokenId: undefined },
    { type: 'token introspection', status: 200, outcome: 'inactive', clientId: 'cms', tokenId: undefined },
    { type: 'token introspection', status: 401, outcome: 'refused', error: 'invalid_client', clientId: undefined },
    { type: 'token introspection', status: 401, outcome: 'refused', error: 'invalid_client', clientId: undefined },
    { type: 'token revocation', status: 400, outcome: 'refused', error: 'unauthorized_client', clientId: 'cms', tokenId: undefined },
    { type: 'token revocation', status: 200, outcome: 'revoked', clientId: 'crm', tokenId: jti },
    { type: 'token revocation', status: 200, outcome: 'inactive', clientId: 'crm', tokenId: undefined },
    { type: 'token revocation', status: 405, outcome: 'refused', error: 'invalid_request' }
  ])
  t.equal(events.length, 9)
  const log = lines.map(line => JSON.parse(line) as { msg: string })
  t.ok(log.some(({ msg }) => msg === 'POST /oauth2/introspect refused: client authentication failed'))
  t.ok(log.some(({ msg }) => msg === 'POST /oauth2/revoke refused: the token belongs to another client'))
  t.ok(log.some(({ msg }) => msg === 'GET /oauth2/revoke refused: use POST'))
  for (const secret of [token.split('.')[2], manager.clientSecret, manager.apiKey]) t.notOk(lines.join('').includes(secret))
  t.notOk(lines.join('').includes('\u2028'), 'what was sent as an id is told nowhere')
})
