import Fastify from 'fastify'
import t from 'tap'
import { Type } from '@sinclair/typebox'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { claimSet } from '../../lib/release/annotation.js'
import { openStore } from '../../lib/store/open-store.js'
import resourceGuard from '../../plugins/resource-guard.js'
import tokenEndpoint from '../../plugins/token-endpoint.js'
import { until } from '../policy/log.js'
import { postgresServer } from '../postgres/server.js'

const ISSUER = 'https://auth.example.com'
const AUDIENCE = 'https://api.example.com'
const policy = (reads: string[]) => ({ claimSets: { name_claims: {}, age_claims: {} }, scopes: { profile: { reads } }, roles: { viewer: ['profile'] } })

t.test('E12 E17 E29 PostgreSQL goes and comes back under the endpoint and guards of two processes → 503 with Retry-After, guards go on, all is well by itself', async t => {
  const server = await postgresServer(t)
  const url = await server.database()
  const node = async () => {
    const store = await openStore(url)
    const app = Fastify()
    t.teardown(async () => { await app.close(); await store.close() })
    if (await store.policies.latest() === null) await store.policies.publish(policy(['name_claims']))
    await app.register(tokenEndpoint, { issuer: ISSUER, audience: AUDIENCE, store, credentialProvider: storeCredentialProvider(store) })
    await app.register(async api => {
      await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, store })
      const schema = Type.Object({ name: claimSet('name_claims', Type.String()), age: claimSet('age_claims', Type.Integer()) })
      api.get('/me', { schema: { response: { 200: schema } } }, async () => ({ name: 'Jane', age: 44 }))
    })
    await app.ready()
    return { app, store }
  }
  const [one, two] = [await node(), await node()]
  const created = await one.store.clients.create({ id: 'crm', roles: ['viewer'] })
  const ask = (path: string, app = one.app, more = {}) => app.inject({
    method: 'POST',
    url: path,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    payload: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'crm', client_secret: created.clientSecret, api_key: created.apiKey, ...more }).toString()
  })
  const me = (token: string, app = one.app) => app.inject({ url: '/me', headers: { authorization: `Bearer ${token}` } })

  const token: string = (await ask('/oauth2/token')).json().access_token
  t.strictSame((await me(token, two.app)).json(), { name: 'Jane' })

  for (const end of ['stop', 'crash'] as const) {
    await server[end]()
    for (const answer of [await ask('/oauth2/token'), await ask('/oauth2/introspect', one.app, { token }), await ask('/oauth2/revoke', one.app, { token })]) {
      t.equal(answer.statusCode, 503)
      t.equal(answer.json().error, 'temporarily_unavailable')
      t.match(answer.headers['retry-after'], /^\d+$/)
    }
    for (const { app } of [one, two]) t.strictSame((await me(token, app)).json(), { name: 'Jane' }, 'what the guard knows is enough')
    t.equal((await me('x.y.z')).statusCode, 401)

    await server.start()
    t.equal((await ask('/oauth2/token', two.app)).statusCode, 200, 'with the first request')
  }

  await one.store.policies.publish(policy(['name_claims', 'age_claims']))
  await until(async () => (await me(token, two.app)).json().age === 44)
  await one.store.clients.disable('crm')
  await until(async () => (await me(token, two.app)).statusCode === 401)
  t.equal((await ask('/oauth2/token', two.app)).json().error, 'invalid_client')
})
