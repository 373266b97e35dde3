import { execFile, type ChildProcess } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import autocannon from 'autocannon'
import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import t from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'
import { claimSet } from '../../lib/release/annotation.js'
import { openStore } from '../../lib/store/open-store.js'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { tokenFor } from '../../lib/testing/token-for.js'
import resourceGuard from '../../plugins/resource-guard.js'
import tokenEndpoint from '../../plugins/token-endpoint.js'
import { forkProgram, LOADER, uncounted } from '../fork-program.js'
import { until } from '../policy/log.js'
import { AUDIENCE, bearer, customerRoute, guardedApp, ISSUER, JANE, POLICY, tokenOf } from './resource-guard-app.js'

/** Policies that change while the application runs. */

const NARROW = { ...POLICY, scopes: { ...POLICY.scopes, profile: { reads: ['contact_claims'] } } }
const { id, name, age } = JANE

t.test('E24 D74 replaced at every moment under 10,000 requests → none fails, each body is what one of the policies gives', async t => {
  const swapped = { ...POLICY, scopes: { ...POLICY.scopes, profile: { reads: ['address_claims'] }, banking: { reads: ['contact_claims'] } } }
  const policy = createPolicy(POLICY)
  const { app } = await guardedApp(t, customerRoute(async () => {
    // Replaced while requests are under way, too.
    await new Promise(resolve => setImmediate(resolve))
    return JANE
  }), { options: { policy }, server: { logger: false } })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as AddressInfo

  const seen = new Map([{ id, name, age, banking: JANE.banking }, { id, name, address: JANE.address }].map(body => [JSON.stringify(body), 0]))
  let replaced = 0
  const replacing = setInterval(() => policy.replace(replaced++ % 2 === 0 ? swapped : POLICY), 1)
  t.teardown(() => clearInterval(replacing))
  const result = await autocannon({
    url: `http://127.0.0.1:${port}/customer`,
    amount: 10_000,
    connections: 20,
    sampleInt: 5,
    timeout: 30,
    headers: bearer(tokenOf('profile banking')),
    verifyBody: body => {
      const times = seen.get(String(body))
      if (times !== undefined) seen.set(String(body), times + 1)
      return times !== undefined
    }
  })

  t.match(result, { requests: { total: 10_000 }, non2xx: 0, errors: 0, timeouts: 0, mismatches: 0 })
  t.ok([...seen.values()].every(times => times > 0), `both policies were seen: ${[...seen.values()]}`)
  t.ok(replaced > 10, `${replaced} times`)
})

t.test('10,000 policies one after another → what is kept after them is within 10 MB of what was before', async t => {
  const program = fileURLToPath(new URL('ten-thousand-policies.ts', import.meta.url))
  const { stdout } = await promisify(execFile)(process.execPath, ['--expose-gc', ...LOADER, program], { env: uncounted() })
  const { before, after, policies, views } = JSON.parse(stdout) as Record<string, number>
  t.equal(policies, 10_000)
  t.ok(views! > 1000, `${views} views`)
  t.ok(after! - before! < 10 * 1024 * 1024, `${Math.round((after! - before!) / 1024)} KB more`)
})

t.test('a policy without a claim set or scope that routes use → released to nobody, nobody gets in, both logged by name', async t => {
  const policy = createPolicy(POLICY)
  const { get, log } = await guardedApp(t, api => {
    customerRoute()(api)
    const schema = { body: Type.Object({ iban: claimSet('banking_claims', Type.String()) }), querystring: Type.Object({ city: claimSet('address_claims', Type.String()) }) }
    api.post('/iban', { schema, config: { keyhole: { scope: ['banking', 'profile'] } } }, async (_request, reply) => await reply.code(204).send())
    api.get('/public', { config: { keyhole: { public: true } } }, async () => ({}))
  }, { options: { policy } })
  const lost = () => log.lines().filter(({ level }) => level === 40).map(({ claimSets, scopes, policy }) => ({ claimSets, scopes, policy }))

  policy.replace(NARROW)
  t.strictSame(lost(), [])
  const { version } = policy.replace({ claimSets: { profile_claims: {} }, scopes: { profile: { reads: ['profile_claims'] }, 'banking:write': {} }, roles: {} })
  t.strictSame(lost(), [
    { claimSets: ['address_claims', 'banking_claims', 'contact_claims'], scopes: undefined, policy: version },
    { claimSets: undefined, scopes: ['banking'], policy: version }
  ])
  t.strictSame((await get('/customer', 'profile banking')).json(), { id, name, age })
  for (const scope of ['banking', 'profile banking:write']) t.equal((await get('/iban', scope, { method: 'POST', payload: { iban: 'x' } })).statusCode, 403, scope)
})

t.test('an application that was closed → its guard hears of no policy any more', async t => {
  const policy = createPolicy(POLICY)
  const { app, log } = await guardedApp(t, customerRoute(), { options: { policy } })
  await app.close()
  const lines = log.lines().length
  policy.replace({ claimSets: { profile_claims: {} }, scopes: { profile: {} }, roles: {} })
  t.equal(log.lines().length, lines)
})

t.test('one file for both plugins → what is written there comes into force in both, without a word of ours; a bad one does not', async t => {
  const file = `${t.testdir({ 'policy.json': JSON.stringify({ ...POLICY, roles: { clerk: ['profile'] } }) })}/policy.json`
  const store = await openStore('sqlite::memory:')
  const { clientSecret, apiKey } = await store.clients.create({ id: 'crm', roles: ['clerk'] })
  const app = Fastify()
  t.teardown(async () => { await app.close(); await store.close() })
  await app.register(tokenEndpoint, { issuer: ISSUER, audience: AUDIENCE, policy: { file }, store, credentialProvider: storeCredentialProvider(store) })
  await app.register(async api => {
    await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy: { file }, store })
    customerRoute()(api)
  })
  const ask = async () => {
    const payload = { grant_type: 'client_credentials', client_id: 'crm', client_secret: clientSecret, api_key: apiKey }
    const { access_token: token, scope } = (await app.inject({ method: 'POST', url: '/oauth2/token', payload })).json()
    return { scope, customer: (await app.inject({ url: '/customer', headers: bearer(token) })).json() }
  }
  t.strictSame(await ask(), { scope: 'profile', customer: { id, name, age } })
  await writeFile(file, JSON.stringify({ ...NARROW, roles: { clerk: ['profile', 'address'] } }))
  const wanted = JSON.stringify({ scope: 'profile address', customer: { id, name, address: JANE.address } })
  await until(async () => JSON.stringify(await ask()) === wanted)
  await writeFile(file, '{ "claimSets": ')
  await new Promise(resolve => setTimeout(resolve, 1500))
  t.equal(JSON.stringify(await ask()), wanted)
})

t.test('no policy but a store → what is published there; with nothing published no boot', async t => {
  const store = await openStore('sqlite::memory:')
  const register = async () => {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(async api => {
      await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, store })
      customerRoute()(api)
    })
    return app
  }
  t.teardown(() => store.close())
  await t.rejects(register(), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /store\.policies\.publish\(document\)/ })
  await store.policies.publish(POLICY)
  const app = await register()
  t.strictSame((await app.inject({ url: '/customer', headers: bearer(await tokenFor(app, { scope: 'profile' })) })).json(), { id, name, age })
})

/** Waits until the process says this. */
async function says (child: ChildProcess, wanted: object): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const ended = (code: number | null) => reject(new Error(`the process ended with ${code}`))
    const heard = (message: unknown) => {
      if (message !== JSON.stringify(wanted)) return
      child.off('message', heard).off('exit', ended)
      resolve()
    }
    child.on('message', heard).on('exit', ended)
  })
}

t.test('E25 two processes on one SQLite file → both follow what a third publishes within two seconds', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const store = await openStore(url)
  t.teardown(() => store.close())
  await store.policies.publish(POLICY)
  const program = fileURLToPath(new URL('policy-follower.ts', import.meta.url))
  const children = ['one', 'two'].map(() => forkProgram(program, [url]))
  t.teardown(() => children.forEach(child => child.kill()))
  await Promise.all(children.map(child => says(child, { id, name, age })))
  for (const [document, body] of [[NARROW, { id, name }], [POLICY, { id, name, age }]] as const) {
    const published = Date.now()
    await store.policies.publish(document)
    await Promise.all(children.map(child => says(child, body)))
    t.pass(`both followed after ${Date.now() - published} ms`)
  }
})
