import t from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'
import { BILLING, claimsOf, EXCHANGE, exchangeApp, LOGIN, TYPE } from './exchanging.js'
import { AUDIENCE, form, isRefusal, POLICY, tokenApp } from './token-endpoint-app.js'

const STOCK = 'https://stock.example.com'
const JSON_TYPE = { 'content-type': 'application/json' }

t.test('C12 several resources in a form or in JSON → one token for all of them', async t => {
  const { client, post, request } = await exchangeApp(t)
  const web = await client('web', ['editor'], { resources: [BILLING, STOCK] })
  const inForm = await post(`${form(request(web))}&${form({ resource: BILLING })}&${form({ resource: STOCK })}&${form({ audience: BILLING })}`)
  t.strictSame(claimsOf(inForm.json().access_token).aud, [BILLING, STOCK])
  const inJson = async (more: object) => await post(JSON.stringify({ ...request(web), ...more }), JSON_TYPE)
  t.strictSame(claimsOf((await inJson({ resource: [BILLING, STOCK, BILLING] })).json().access_token).aud, [BILLING, STOCK])
  t.strictSame(claimsOf((await inJson({ resource: [BILLING], audience: AUDIENCE })).json().access_token).aud, [BILLING, AUDIENCE])
  t.equal(claimsOf((await inJson({ resource: [STOCK] })).json().access_token).aud, STOCK)
  isRefusal(t, await inJson({ resource: [BILLING, 'https://other.example.com'] }), 400, 'invalid_target', 'one is not the client\'s')
  isRefusal(t, await inJson({ resource: [BILLING, ''] }), 400, 'invalid_target', 'one names nothing')
  isRefusal(t, await inJson({ resource: [BILLING, '/x'] }), 400, 'invalid_target', 'C10')
  for (const wrong of [[], [1], [[BILLING]], null, {}]) {
    isRefusal(t, await inJson({ resource: wrong }), 400, 'invalid_request', JSON.stringify(wrong))
    isRefusal(t, await inJson({ audience: wrong }), 400, 'invalid_request', JSON.stringify(wrong))
  }
  isRefusal(t, await post(JSON.stringify(request(web)).replace('{', `{"resource":["${BILLING}"],"resource":["${STOCK}"],`), JSON_TYPE), 400, 'invalid_request', 'a repeated member')
})

t.test('C21 several audiences of an exchange → all of them; one that is not permitted: invalid_target', async t => {
  const { client, ownToken, post, request } = await exchangeApp(t)
  const web = await client('web', ['editor'], { resources: [BILLING] })
  const exchange = async (audience: string[]) => await post(JSON.stringify({ ...request(web, { grant_type: EXCHANGE, subject_token: await ownToken(web), subject_token_type: `${TYPE}access_token` }), audience }), JSON_TYPE)
  t.strictSame(claimsOf((await exchange([BILLING, AUDIENCE])).json().access_token).aud, [BILLING, AUDIENCE])
  isRefusal(t, await exchange([BILLING, STOCK]), 400, 'invalid_target')
})

t.test('C7, C15 no scope that means something at each target → invalid_target', async t => {
  const { client, post, request } = await exchangeApp(t, { resourceScopes: { [BILLING]: ['profile:write'], [AUDIENCE]: ['profile'], [STOCK]: ['contact'] } })
  const web = await client('web', ['editor'], { resources: [BILLING, STOCK] })
  const ask = async (resources: string[], scope = '') => await post([form(request(web, { scope })), ...resources.map(resource => form({ resource }))].join('&'))
  isRefusal(t, await ask([AUDIENCE, BILLING]), 400, 'invalid_target', 'each has its own scopes')
  isRefusal(t, await ask([STOCK]), 400, 'invalid_target', 'the client holds none of its scopes')
  isRefusal(t, await ask([BILLING]), 400, 'invalid_scope', 'what writes is asked for')
  const none = await client('none', ['nobody'], { resources: [BILLING] })
  isRefusal(t, await post(request(none, { resource: BILLING })), 400, 'invalid_scope', 'a client without any scope')
})

t.test('C8 scopeLifetimes → the shortest of all that are granted, at each grant, as expires_in and exp say', async t => {
  const { client, exchange, ownToken, post, request } = await exchangeApp(t, { scopeLifetimes: { 'profile:write': 60, profile: 3600 } })
  const web = await client('web', ['editor'])
  const ask = async (scope: string) => (await post(request(web, { scope }))).json()
  for (const [scope, seconds] of [['profile', 300], ['profile:write', 60], ['profile profile:write', 60]] as const) {
    const { access_token: token, expires_in: left } = await ask(scope)
    t.equal(left, seconds)
    t.equal(Number(claimsOf(token).exp) - Number(claimsOf(token).iat), seconds)
  }
  const token = await ownToken(web, { scope: 'profile profile:write' })
  const narrowed = await exchange(web, { subject_token: token, subject_token_type: `${TYPE}access_token`, scope: 'profile' })
  t.ok(narrowed.json().expires_in <= 60, 'what was exchanged still bounds')
})

t.test('a scope that the policy does not have → no boot; one that a later policy loses: a warning, granted to nobody, and back with its lifetime', async t => {
  const unknown: [object, RegExp][] = [
    [{ scopeLifetimes: { banking: 60 } }, /^scopeLifetimes: the policy has no scope banking\.\nIt has contact, profile, address, profile:write\.$/],
    [{ resourceScopes: { [BILLING]: ['invoices'] } }, /^resourceScopes\['https:\/\/billing\.example\.com'\]: the policy has no scope invoices\./],
    [{ trustedIssuers: [{ issuer: LOGIN, jwks: { keys: [] }, scopes: ['openid'] }] }, /^trustedIssuers\[0\]\.scopes: the policy has no scope openid\./]
  ]
  for (const [options, message] of unknown) await t.rejects(tokenApp(t, { options }), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(options))
  await t.rejects(tokenApp(t, { options: { scopeLifetimes: { profile: 0 } } }), { message: /^scopeLifetimes\['profile'\]: / })

  const lines: string[] = []
  const policy = createPolicy(POLICY)
  const { app, editor, post, request } = await tokenApp(t, { server: { logger: { stream: { write: (line: string) => { lines.push(line) } } } }, options: { policy, scopeLifetimes: { 'profile:write': 60 } } })
  const warnings = () => lines.map(line => JSON.parse(line)).filter(({ level }) => level === 40)
  const ask = async () => await post(request(editor, { scope: 'profile:write' }))
  t.equal((await ask()).json().expires_in, 60)
  const { 'profile:write': lost, ...scopes } = POLICY.scopes
  const { version } = policy.replace({ ...POLICY, scopes, roles: { editor: ['profile'] } })
  t.match(warnings(), [{ option: 'scopeLifetimes', scopes: ['profile:write'], policy: version }])
  isRefusal(t, await ask(), 400, 'invalid_scope')
  policy.replace(POLICY)
  t.equal((await ask()).json().expires_in, 60)
  await app.close()
  policy.replace({ ...POLICY, scopes, roles: {} })
  t.equal(warnings().length, 1, 'nobody listens any more')
})
