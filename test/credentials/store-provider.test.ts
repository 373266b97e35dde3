import { workDuring } from './count-work.js'
import { getEventListeners } from 'node:events'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import type { ClientCredentials } from '../../lib/credentials/provider.js'
import { generateSecret } from '../../lib/credentials/secret.js'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { openStore } from '../../lib/store/open-store.js'
import type { Store } from '../../lib/store/store.js'

const issuer = 'https://auth.example.com'
const neverAborted = { issuer, signal: new AbortController().signal }

async function setUp (t: Test) {
  const store = await openStore('sqlite::memory:')
  t.teardown(() => store.close())
  const { clientSecret, apiKey } = await store.clients.create({ id: 'crm', roles: ['salesperson'], claims: { name: 'CRM' } })
  const right: ClientCredentials = { clientId: 'crm', clientSecret, apiKey }
  const provider = storeCredentialProvider(store)
  const verify = (changed: Partial<ClientCredentials> = {}) => provider.verify({ ...right, ...changed }, neverAborted)
  return { store, provider, right, verify }
}

t.test('id, secret and API key right → the principal', async t => {
  const { verify } = await setUp(t)
  t.strictSame(await verify(), {
    clientId: 'crm', roles: ['salesperson'], claims: { name: 'CRM' }, audiences: [], grants: ['client_credentials'], resources: [], dpopBound: false
  })
})

t.test('a client that was registered with a lifetime of its tokens → it is the principal\'s', async t => {
  const { store, provider } = await setUp(t)
  const { clientSecret, apiKey } = await store.clients.create({ id: 'short', roles: ['salesperson'], tokenLifetime: 60 })
  t.match(await provider.verify({ clientId: 'short', clientSecret, apiKey }, neverAborted), { clientId: 'short', tokenLifetime: 60 })
})

t.test('B41, B42, B45, B46, B53, B54 whatever is wrong → null, after the same hashing work', async t => {
  const { store, right, verify } = await setUp(t)
  const other = await store.clients.create({ id: 'other', roles: ['manager'] })
  const disabled = await store.clients.create({ id: 'off', roles: ['manager'] })
  await store.clients.disable('off')
  const work = await workDuring(async () => t.ok(await verify()))
  t.strictSame(work, ['sha256 of 52 bytes', 'sha256 of 52 bytes'])

  const wrong: Record<string, Partial<ClientCredentials>> = {
    'unknown client': { clientId: 'nobody' },
    'client id in another case': { clientId: 'CRM' },
    'client id with more behind a NUL': { clientId: 'crm\0' },
    'client id with a space': { clientId: 'crm ' },
    'wrong secret': { clientSecret: generateSecret('client_secret') },
    'B42 no secret': { clientSecret: undefined },
    'B53 API key alone': { clientSecret: undefined },
    'B46 secret of 1 MB': { clientSecret: 'khs_' + 'A'.repeat(1024 * 1024) },
    'secret that is not of our format': { clientSecret: 'password' },
    'wrong API key': { apiKey: generateSecret('api_key') },
    'missing API key': { apiKey: undefined },
    'empty API key': { apiKey: '' },
    'B54 API key with a space': { apiKey: right.apiKey + ' ' },
    'B54 API key truncated': { apiKey: right.apiKey!.slice(0, -1) },
    'B54 API key in another case': { apiKey: right.apiKey!.toUpperCase() },
    'B54 prefix of the API key only': { apiKey: 'khk_' },
    'secret and API key swapped': { clientSecret: right.apiKey, apiKey: right.clientSecret },
    'secret for both': { apiKey: right.clientSecret },
    'B45 secret of another client': { clientSecret: other.clientSecret },
    'B50 API key of another client': { apiKey: other.apiKey },
    'disabled client with everything right': { clientId: 'off', clientSecret: disabled.clientSecret, apiKey: disabled.apiKey },
    'unknown client without anything': { clientId: '', clientSecret: undefined, apiKey: undefined }
  }
  for (const [name, changed] of Object.entries(wrong)) {
    t.strictSame(await workDuring(async () => t.equal(await verify(changed), null, name)), work, `${name}: same work`)
  }
})

t.test('B47 rotation → the current and the one before hold, in any combination; an older one does not', async t => {
  const { store, right, verify } = await setUp(t)
  const clientSecret = await store.clients.rotateSecret('crm')
  const apiKey = await store.clients.rotateApiKey('crm')
  const work = await workDuring(async () => {
    for (const changed of [{}, { clientSecret }, { apiKey }, { clientSecret, apiKey }]) t.ok(await verify(changed))
  })
  t.equal(work.length, 8, 'two hashes each, as with one secret')

  const newest = await store.clients.rotateSecret('crm')
  t.equal(await verify(), null)
  t.ok(await verify({ clientSecret }))
  t.ok(await verify({ clientSecret: newest, apiKey: right.apiKey }), 'the API key is rotated on its own')
})

t.test('B52 an API key that was rotated away by another process → null with the next request', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const [here, there] = [await openStore(url), await openStore(url)]
  t.teardown(async () => { await here.close(); await there.close() })
  const { clientSecret, apiKey } = await there.clients.create({ id: 'crm', roles: ['salesperson'] })
  const provider = storeCredentialProvider(here)
  const verify = (apiKey: string) => provider.verify({ clientId: 'crm', clientSecret, apiKey }, neverAborted)
  t.ok(await verify(apiKey))
  const second = await there.clients.rotateApiKey('crm')
  t.ok(await verify(apiKey), 'the one before holds while it is rotated')
  const third = await there.clients.rotateApiKey('crm')
  t.equal(await verify(apiKey), null)
  t.ok(await verify(second))
  t.ok(await verify(third))
})

t.test('a deleted client → null; another one of the same id → its own credentials only', async t => {
  const { store, verify } = await setUp(t)
  await store.clients.delete('crm')
  t.equal(await verify(), null)
  const { clientSecret, apiKey } = await store.clients.create({ id: 'crm', roles: ['viewer'] })
  t.equal(await verify(), null)
  t.match(await verify({ clientSecret, apiKey }), { roles: ['viewer'], claims: {} })
})

t.test('B55 a store that fails → unavailable with the cause, and no credential in it', async t => {
  const { store, right, verify } = await setUp(t)
  await store.close()
  const error = await verify().then(() => undefined, error => error)
  t.match(error, { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', statusCode: 503, cause: { code: 'FST_KEYHOLE_STORE_UNAVAILABLE' } })
  for (const secret of [right.clientSecret!, right.apiKey!]) t.notOk(inspect(error, { depth: null }).includes(secret))
})

t.test('B55 the caller went away before → unavailable, and the store is not asked', async t => {
  const { right } = await setUp(t)
  let asked = false
  const provider = storeCredentialProvider({ credentials: { find: async () => { asked = true; return null } } })
  await t.rejects(provider.verify(right, { issuer, signal: AbortSignal.abort(new Error('gone')) }), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: 'gone' } })
  t.notOk(asked)
})

t.test('B55 the caller goes away while the store is slow → unavailable at once, and a late failure harms nobody', async t => {
  const { right } = await setUp(t)
  const controller = new AbortController()
  let fail = (_error: Error) => {}
  const provider = storeCredentialProvider({ credentials: { find: () => new Promise((_resolve, reject) => { fail = reject }) } })
  const answer = provider.verify(right, { issuer, signal: controller.signal })
  controller.abort(new Error('gone'))
  await t.rejects(answer, { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: 'gone' } })
  fail(new Error('too late'))
})

t.test('an answer → nothing is left listening to the signal', async t => {
  const { provider, right } = await setUp(t)
  const { signal } = new AbortController()
  t.ok(await provider.verify(right, { issuer, signal }))
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

t.test('no store, or a promise of one → refused at once, with the cure', async t => {
  for (const store of [undefined, null, {}, openStore('sqlite::memory:'), { credentials: {} }]) {
    t.throws(() => storeCredentialProvider(store as Store), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^storeCredentialProvider: pass the store, for example await openStore\('sqlite:keyhole\.db'\)/ })
    if (store instanceof Promise) await (await store).close()
  }
})
