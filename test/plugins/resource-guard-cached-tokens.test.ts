import Fastify, { type FastifyInstance, type LightMyRequestResponse } from 'fastify'
import t, { type Test } from 'tap'
import { createPolicy, type Policy } from '../../lib/policy/policy.js'
import resourceGuard, { type ResourceGuardOptions } from '../../plugins/resource-guard.js'
import { AUDIENCE, bearer, customerRoute, guardedApp, INVALID_TOKEN, isRefusal, ISSUER, JANE, POLICY, tokenOf } from './resource-guard-app.js'
import { tokenApp, without, type TokenApp } from './token-endpoint-app.js'

/** Tokens that were verified before: what may have changed since is looked at with each request. */

const ROLES = { ...POLICY, roles: { manager: ['profile', 'address'], editor: ['profile'] } }
const PROFILE = JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age })

interface Served extends TokenApp {
  readonly policy: Policy
  token (): Promise<string>
  ask (token: string): Promise<LightMyRequestResponse>
  /** Resolves once the guard refuses this token, as it must within two seconds. */
  refused (token: string): Promise<void>
}

/** A token endpoint, and a guard in another application on the same store. */
async function served (t: Test, options: Partial<ResourceGuardOptions> = {}): Promise<Served> {
  const tokens = await tokenApp(t, { options: { policy: ROLES } })
  const policy = createPolicy(ROLES)
  const api = Fastify() as unknown as FastifyInstance
  t.teardown(() => api.close())
  api.register(async api => {
    await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy, store: tokens.store, ...options })
    customerRoute()(api)
  })
  await api.ready()
  const ask = (token: string) => api.inject({ url: '/customer', headers: bearer(token) })
  return {
    ...tokens,
    policy,
    ask,
    token: async () => (await tokens.post(tokens.request(tokens.manager, { scope: 'profile' }))).json().access_token,
    async refused (token) {
      const before = performance.now()
      while ((await ask(token)).statusCode === 200) {
        if (performance.now() - before > 10_000) throw new Error('it is still taken')
        await new Promise(resolve => setTimeout(resolve, 20))
      }
    }
  }
}

t.test('A102 verified, then revoked → refused; another token of the client is not', async t => {
  const { app, manager, request, token, ask, refused } = await served(t)
  const [revoked, other] = [await token(), await token()]
  for (const text of [revoked, revoked, other]) t.equal((await ask(text)).payload, PROFILE)
  await app.inject({ method: 'POST', url: '/oauth2/revoke', payload: { ...without(request(manager), 'grant_type'), token: revoked } })
  await refused(revoked)
  isRefusal(t, await ask(revoked), 401, /error="invalid_token", error_description="The access token was revoked\."/)
  t.equal((await ask(other)).payload, PROFILE)
})

t.test('A102 verified, then the policy is replaced → the next request with it is answered by the new one', async t => {
  const { policy, token, ask } = await served(t)
  const text = await token()
  for (let time = 0; time < 2; time++) t.equal((await ask(text)).payload, PROFILE)
  policy.replace({ ...ROLES, scopes: { ...ROLES.scopes, profile: { reads: ['contact_claims'] } } })
  t.equal((await ask(text)).payload, JSON.stringify({ id: JANE.id, name: JANE.name }))
  policy.replace(ROLES)
  t.equal((await ask(text)).payload, PROFILE)
})

t.test('A77 verified, then the client is disabled or deleted → refused; the tokens of others are not', async t => {
  for (const end of ['disable', 'delete'] as const) {
    const { store, post, request, editor, token, ask, refused } = await served(t)
    const [text, other] = [await token(), (await post(request(editor))).json().access_token]
    t.equal((await ask(text)).payload, PROFILE)
    await store.clients[end]('crm')
    await refused(text)
    isRefusal(t, await ask(text), 401, INVALID_TOKEN, end)
    t.equal((await ask(other)).statusCode, 200, end)
  }
})

t.test('A103 what a remembered token has in common with another → gives that one nothing', async t => {
  const { app } = await guardedApp(t, customerRoute())
  const ask = (token: string) => app.inject({ url: '/customer', headers: bearer(token) })
  const known = tokenOf('profile', { sub: 'ada', jti: '1' })
  t.equal((await ask(known)).payload, PROFILE)
  const [header, , signature] = known.split('.')
  const [, payload] = tokenOf('banking', { sub: 'ada', jti: '1' }).split('.')
  isRefusal(t, await ask(`${header}.${payload}.${signature}`), 401, INVALID_TOKEN, 'its signature')
  t.equal((await ask(tokenOf('', { sub: 'ada', jti: '1' }))).payload, JSON.stringify({ id: JANE.id }), 'its key, issuer, subject and identifier')
  t.equal((await ask(known)).payload, PROFILE)
  for (const option of ['cache', 'cacheTTL', 'cacheKeyBuilder']) {
    await t.rejects(guardedApp(t, customerRoute(), { options: { [option]: () => 'one for all' } }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: new RegExp(`^${option}: resourceGuard has no such option`) })
  }
})

t.test('E18 clocks that differ by a minute, with a tolerance of as much → a new token is taken, an expired one is not', async t => {
  const start = Date.now()
  let ahead = 0
  t.intercept(Date, 'now', { value: () => start + ahead * 1000 })
  for (const [issuer, later, status] of [[60, 0, 200], [-60, 0, 200], [61, 0, 401], [0, 359, 200], [0, 360, 401], [-60, 300, 401]] as const) {
    ahead = issuer
    const { token, ask } = await served(t, { clockTolerance: 60 })
    const text = await token()
    ahead = later
    t.equal((await ask(text)).statusCode, status, `issued by a clock ${issuer} s ahead, read ${later} s later`)
  }
})
