import { Type } from '@sinclair/typebox'
import t from 'tap'
import type { TokenRequestEvent } from '../../lib/audit/event.js'
import { claimSet } from '../../lib/release/annotation.js'
import { tokenApp, without } from './token-endpoint-app.js'

const subjectClaims = Type.Object({ email: claimSet('profile_claims', Type.String()), city: claimSet('address_claims', Type.String()) })

t.test('each token request → one event, which says whose it was and what came of it, never a secret or a claim', async t => {
  const events: TokenRequestEvent[] = []
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
  const events: TokenRequestEvent[] = []
  const { post, request, manager } = await tokenApp(t, { options: { audit: { hook: event => { events.push(event) } } } })
  await post(request(manager))
  t.match(events, [{ outcome: 'issued', released: [], masked: [], withheld: [] }])
  await t.rejects(tokenApp(t, { options: { audit: 'log' as never } }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^audit: / })
})
