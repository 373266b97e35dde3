import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { tokenFor } from '../../lib/testing/index.js'
import { openStore } from '../../lib/store/open-store.js'
import resourceGuard from '../../plugins/resource-guard.js'
import { bearer, customerRoute, GUARD, JANE, POLICY } from '../plugins/resource-guard-app.js'

const { jwks, ...OPTIONS } = GUARD

/** An application with a guard for each of these audiences, on a store. */
async function appOf (t: Test, ...audiences: string[]): Promise<FastifyInstance> {
  const store = await openStore('sqlite::memory:')
  const app = Fastify()
  t.teardown(async () => {
    await app.close()
    await store.close()
  })
  for (const [index, audience] of audiences.entries()) {
    app.register(async api => {
      await api.register(resourceGuard, { ...OPTIONS, audience, store })
      customerRoute()(api)
      api.get('/who', { config: { keyhole: { release: { raw: 'for a test' } } } }, async request => request.keyhole.token)
    }, { prefix: String(index) })
  }
  return app
}

t.test('tokenFor → a token that the application\'s guard takes, with these scopes', async t => {
  const app = await appOf(t, 'https://a.example')
  const get = async (token: string) => (await app.inject({ url: '/0/customer', headers: bearer(token) })).json()
  t.strictSame(await get(await tokenFor(app)), { id: JANE.id })
  t.strictSame(await get(await tokenFor(app, { scope: 'contact' })), { id: JANE.id, name: JANE.name })
  t.strictSame(await get(await tokenFor(app, { scope: Object.keys(POLICY.scopes).join(' ') })), JANE)
})

t.test('client, subject and lifetime → what the token says; else a test client that speaks for itself, for 5 minutes', async t => {
  const app = await appOf(t, 'https://a.example')
  const who = async (token: string) => (await app.inject({ url: '/0/who', headers: bearer(token) })).json()
  const { iat, exp, ...claims } = await who(await tokenFor(app))
  t.match(claims, { client_id: 'test-client', sub: 'test-client', aud: 'https://a.example', iss: OPTIONS.issuer })
  t.notOk('scope' in claims)
  t.equal(exp - iat, 300)
  const other = await who(await tokenFor(app, { clientId: 'crm', subject: 'jane', lifetime: 7, scope: 'profile' }))
  t.match(other, { client_id: 'crm', sub: 'jane', scope: 'profile' })
  t.equal(other.exp - other.iat, 7)
  await t.rejects(tokenFor(app, { lifetime: 0 }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^lifetime: / })
})

t.test('guards for several audiences → one has to be chosen', async t => {
  const app = await appOf(t, 'https://a.example', 'https://b.example')
  const status = async (url: string, token: string) => (await app.inject({ url, headers: bearer(token) })).statusCode
  await t.rejects(tokenFor(app), {
    code: 'FST_KEYHOLE_TEST_TOKEN', message: "tokenFor: there are guards for several audiences. Choose one: audience: 'https://a.example' or 'https://b.example'."
  })
  const token = await tokenFor(app, { audience: 'https://b.example' })
  t.equal(await status('/1/customer', token), 200)
  t.equal(await status('/0/customer', token), 401)
  await t.rejects(tokenFor(app, { audience: 'https://c.example' }), { code: 'FST_KEYHOLE_TEST_TOKEN', message: 'tokenFor: no resource guard has the audience https://c.example.' })
})

t.test('two guards for one audience → either will do', async t => {
  const app = await appOf(t, 'https://a.example', 'https://a.example')
  const headers = bearer(await tokenFor(app))
  for (const url of ['/0/customer', '/1/customer']) t.equal((await app.inject({ url, headers })).statusCode, 200)
})

t.test('no guard, or one that knows public keys alone → an error that says so', async t => {
  const none = Fastify()
  await t.rejects(tokenFor(none), { code: 'FST_KEYHOLE_TEST_TOKEN', message: 'tokenFor: no resource guard is registered.' })
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(resourceGuard, GUARD)
  await t.rejects(tokenFor(app), { code: 'FST_KEYHOLE_TEST_TOKEN', message: /^tokenFor: the guard knows only public keys\. Register it with a store in tests/ })
})

t.test('an application that does not boot → its own error', async t => {
  const app = Fastify()
  app.register(async () => { throw new Error('no boot') })
  await t.rejects(tokenFor(app), { message: 'no boot' })
})
