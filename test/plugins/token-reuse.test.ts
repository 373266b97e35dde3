import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { retireKey } from '../../lib/keys/manage.js'
import { createPolicy } from '../../lib/policy/policy.js'
import { claimSet } from '../../lib/release/annotation.js'
import { openStore } from '../../lib/store/open-store.js'
import type { TokenEndpointOptions } from '../../plugins/token-endpoint.js'
import { prover, type Prover } from '../dpop/client.js'
import { BILLING, claimsOf, EXCHANGE, exchangeApp, TYPE } from './exchanging.js'
import { isRefusal, ISSUER, POLICY, without } from './token-endpoint-app.js'

const VOUCHER = 'urn:example:grant:voucher'

async function reusing (t: Test, options: Partial<TokenEndpointOptions> = {}) {
  const given = await exchangeApp(t, { reuseTokens: { remaining: 60 }, grants: [{ type: VOUCHER, handle: ({ client }) => ({ subject: client.clientId, scopes: ['profile'] }) }], ...options })
  const web = await given.client('web', ['editor'], { resources: [BILLING], grants: ['client_credentials', EXCHANGE, VOUCHER] })
  const ask = async (more: Record<string, string> = {}, headers = {}) => (await given.post(given.request(web, more), headers)).json()
  const about = async (path: string, token: string) => await given.app.inject({ method: 'POST', url: `/oauth2/${path}`, payload: { ...without(given.request(web), 'grant_type'), token } })
  return { ...given, web, ask, about }
}

t.test('the same asked again → the same token, whichever way the client proves itself and orders its scopes', async t => {
  const { ask, ownToken, post, manager, request } = await reusing(t)
  const first = await ask()
  const again = await ask()
  t.equal(again.access_token, first.access_token)
  t.ok(again.expires_in <= first.expires_in && again.expires_in > 290)
  t.strictSame({ ...again, expires_in: 0 }, { ...first, expires_in: 0 })
  t.equal((await ask({ scope: 'profile' })).access_token, first.access_token, 'what was asked is what is granted without asking')
  const both = await ask({ scope: 'profile profile:write' })
  t.equal((await ask({ scope: 'profile:write profile' })).access_token, both.access_token)
  const others = [first, both, await ask({ scope: 'profile:write' }), await ask({ resource: BILLING }), await ask({ audience: BILLING, scope: 'profile:write' })].map(({ access_token: token }) => token)
  t.equal(new Set([...others, await ownToken(manager), (await post(request(manager, { scope: 'profile' }))).json().access_token]).size, 7)
})

t.test('without the option → a new token each time', async t => {
  const { ask } = await reusing(t, { reuseTokens: undefined } as never)
  t.not((await ask()).access_token, (await ask()).access_token)
})

t.test('bound to a key → again for that key alone', async t => {
  const { ask } = await reusing(t)
  const [mine, theirs] = [await prover(), await prover()]
  const proof = async (client: Prover) => ({ dpop: await client.proof({ htm: 'POST', htu: `${ISSUER}/oauth2/token` }) })
  const bound = await ask({}, await proof(mine))
  t.equal((await ask({}, await proof(mine))).access_token, bound.access_token)
  t.equal(bound.token_type, 'DPoP')
  const other = await ask({}, await proof(theirs))
  const bearer = await ask()
  t.equal(new Set([bound, other, bearer].map(({ access_token: token }) => token)).size, 3)
  t.strictSame([bound, other, bearer].map(({ access_token: token }) => claimsOf(token).cnf), [{ jkt: mine.thumbprint }, { jkt: theirs.thumbprint }, undefined])
})

t.test('revoked, or all of the client, by whatever process → a new one with the next request', async t => {
  const { ask, about, store, web } = await reusing(t)
  const first = (await ask()).access_token
  t.equal((await about('revoke', first)).statusCode, 200)
  const second = (await ask()).access_token
  t.not(second, first)
  t.match((await about('introspect', second)).json(), { active: true })
  await store.clients.revokeTokens(web.id, Number(claimsOf(second).iat) + 1)
  t.not((await ask()).access_token, second)
})

t.test('another process revokes → a new one with the next request', async t => {
  const file = `sqlite:${t.testdir()}/keyhole.db`
  const [here, there] = [await openStore(file), await openStore(file)]
  t.teardown(async () => { await there.close(); await here.close() })
  const { post, request } = await reusing(t, { store: here, credentialProvider: { verify: async () => ({ clientId: 'crm', roles: ['editor'] }) } })
  const { clientSecret, apiKey } = await there.clients.create({ id: 'crm', roles: ['editor'] })
  const ask = async () => (await post(request({ id: 'crm', clientSecret, apiKey } as never))).json().access_token
  const first = await ask()
  t.equal(await ask(), first)
  await there.clients.revokeTokens('crm', Number(claimsOf(first).iat) + 1)
  t.not(await ask(), first)
})

t.test('the client is disabled, or deleted and made anew → nothing of what it had', async t => {
  const { ask, post, request, store, web, client } = await reusing(t)
  const first = (await ask()).access_token
  await store.clients.disable('web')
  isRefusal(t, await post(request(web)), 401, 'invalid_client')
  await store.clients.delete('web')
  const anew = await client('web', ['editor'])
  t.not((await post(request(anew))).json().access_token, first)
})

t.test('another policy → another token, with its version; the old policy again: never the old roles', async t => {
  const policy = createPolicy(POLICY)
  const { ask } = await reusing(t, { policy })
  const first = await ask()
  policy.replace({ ...POLICY, claimSets: { ...POLICY.claimSets, more_claims: {} } })
  const second = await ask()
  t.not(second.access_token, first.access_token)
  t.equal(second.policy, policy.current.version)
  policy.replace({ ...POLICY, roles: { ...POLICY.roles, editor: ['contact'] } })
  t.equal((await ask()).scope, 'contact')
})

t.test('roles, lifetime and claims of the client change → what was asked first is not given again; claims are those of now', async t => {
  let principal = { clientId: 'web', roles: ['editor'], tokenLifetime: 300, claims: { name: 'Web' } }
  const { ask } = await reusing(t, { credentialProvider: { verify: async () => principal }, subjectClaims: Type.Object({ name: claimSet('profile_claims', Type.String()) }) })
  const first = await ask()
  t.strictSame(first.claims, { profile_claims: { name: 'Web' } })
  principal = { ...principal, claims: { name: 'Shop' } }
  const renamed = await ask()
  t.strictSame(renamed.claims, { profile_claims: { name: 'Shop' } })
  t.equal(renamed.access_token, first.access_token, 'claims are not in the token')
  principal = { ...principal, tokenLifetime: 100 }
  const short = await ask()
  t.equal(short.expires_in, 100)
  principal = { ...principal, roles: ['editor', 'manager'] }
  const more = await ask({ scope: 'profile' })
  t.strictSame(more.roles, ['editor', 'manager'])
  t.equal(new Set([first, short, more].map(({ access_token: token }) => token)).size, 3)
})

t.test('exchange and grants of one\'s own → never the same token again', async t => {
  const { ask, exchange, ownToken, post, request, web } = await reusing(t)
  const subject = { subject_token: await ownToken(web), subject_token_type: `${TYPE}access_token` }
  const exchanged = [await exchange(web, subject), await exchange(web, subject)].map(response => response.json().access_token)
  const vouched = [await post(request(web, { grant_type: VOUCHER })), await post(request(web, { grant_type: VOUCHER }))].map(response => response.json().access_token)
  t.equal(new Set([...exchanged, ...vouched, (await ask()).access_token]).size, 5)
})

t.test('the key that signed it is retired → a new token once the endpoint knows', async t => {
  const { app, ask, store } = await reusing(t)
  const first = (await ask()).access_token
  const [{ kid }] = (await app.inject('/oauth2/jwks')).json().keys
  await retireKey(store.keys, kid, 'ES256', Math.floor(Date.now() / 1000))
  // It reads its keys each second.
  while ((await app.inject('/oauth2/jwks')).json().keys.some((key: { kid: string }) => key.kid === kid)) await new Promise(resolve => setTimeout(resolve, 50))
  t.not((await ask()).access_token, first)
})

t.test('a wrong option → no boot', async t => {
  await t.rejects(reusing(t, { tokenLifetime: 60 }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^reuseTokens\.remaining: write/ })
})
