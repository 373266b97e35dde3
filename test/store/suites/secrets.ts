import type { Test } from 'tap'
import { generateSecret, hashSecret } from '../../../lib/credentials/secret.js'
import { storeCredentialProvider } from '../../../lib/credentials/store-provider.js'
import { openStore } from '../../../lib/store/open-store.js'
import { until } from '../../policy/log.js'
import type { TestDatabase } from '../databases.js'

const now = () => Math.floor(Date.now() / 1000)

const context = { issuer: 'https://auth.example.com', signal: new AbortController().signal }

/** How long secrets and API keys hold, and when they were used. */
export function secretsSuite (t: Test, database: TestDatabase): void {
  async function setUp (t: Test) {
    const url = await database.url(t)
    const store = await openStore(url)
    t.teardown(() => store.close())
    return { ...store, url, sql: await database.sql(t, url), provider: storeCredentialProvider(store) }
  }

  t.test('created → shown with its time, for ever, and unused; never a hash', async t => {
    const { clients } = await setUp(t)
    const before = now()
    const created = await clients.create({ id: 'crm', roles: ['viewer'], apiKeyExpiresAt: 4_000_000_000 })
    t.match(created, { clientSecrets: [{ expiresAt: null, lastUsedAt: null }], apiKeys: [{ expiresAt: 4_000_000_000, lastUsedAt: null }] })
    t.ok(created.clientSecrets[0]!.createdAt >= before)
    const { clientSecret, apiKey, ...shown } = created
    t.strictSame(await clients.get('crm'), shown)
    t.strictSame(await clients.list(), [shown])
    t.notMatch(JSON.stringify(await clients.list()), new RegExp(`${hashSecret(clientSecret)}|${hashSecret(apiKey)}`))
  })

  t.test('rotated with a time for the one before → both are good until then, then one', async t => {
    const { clients, provider, sql } = await setUp(t)
    const { clientSecret: first, apiKey } = await clients.create({ id: 'crm', roles: ['viewer'] })
    const second = await clients.rotateSecret('crm', { keepPreviousFor: 3600, expiresAt: 4_000_000_000 })
    const { clientSecrets } = (await clients.get('crm'))!
    t.match(clientSecrets, [{ expiresAt: 4_000_000_000 }, { expiresAt: Number }])
    t.ok(Math.abs(clientSecrets[1]!.expiresAt! - now() - 3600) <= 2)
    const verified = async () => await Promise.all([first, second].map(async clientSecret => await provider.verify({ clientId: 'crm', clientSecret, apiKey }, context) !== null))
    t.strictSame(await verified(), [true, true])
    await sql.run(`update client_secrets set expires_at = ${now()} where position = 2`)
    t.strictSame(await verified(), [false, true])
  })

  t.test('the one before kept for no time → refused at once, and gone', async t => {
    const { clients, credentials } = await setUp(t)
    const { apiKey } = await clients.create({ id: 'crm', roles: ['viewer'] })
    const second = await clients.rotateApiKey('crm', { keepPreviousFor: 0 })
    t.match(await credentials.find('crm'), { apiKeyHashes: { length: 1, 0: hashSecret(second) } })
    t.not(second, apiKey)
    t.equal((await clients.get('crm'))!.apiKeys.length, 1)
  })

  t.test('the one before would have expired sooner → it does', async t => {
    const { clients } = await setUp(t)
    const soon = now() + 60
    await clients.create({ id: 'crm', roles: ['viewer'], clientSecretExpiresAt: soon })
    await clients.rotateSecret('crm', { keepPreviousFor: 3600 })
    t.match((await clients.get('crm'))!.clientSecrets, [{ expiresAt: null }, { expiresAt: soon }])
  })

  t.test('expired → refused, dropped some time later, and a new one can be had all the same', async t => {
    const { clients, credentials, provider, sql } = await setUp(t)
    const expired = await clients.create({ id: 'old', roles: ['viewer'], clientSecretExpiresAt: now() - 1, apiKeyExpiresAt: now() + 3600 })
    t.equal(await provider.verify({ clientId: 'old', ...expired }, context), null)
    t.match(await credentials.find('old'), { clientSecretHashes: [], apiKeyHashes: { length: 1 } })
    const used = await clients.create({ id: 'crm', roles: ['viewer'] })
    t.ok(await provider.verify({ clientId: 'crm', ...used }, context))
    await until(async () => (await sql.rows("select * from client_secrets where client_id = 'old'")).length === 1)
    t.match(await clients.get('old'), { clientSecrets: [], apiKeys: [{}] })
    const clientSecret = await clients.rotateSecret('old')
    t.ok(await provider.verify({ clientId: 'old', clientSecret, apiKey: expired.apiKey }, context))
  })

  t.test('used → noted once a minute, of the secret and the key that were; what is refused leaves no trace', async t => {
    const { clients, provider, sql, url } = await setUp(t)
    const { clientSecret, apiKey } = await clients.create({ id: 'crm', roles: ['viewer'] })
    await clients.rotateSecret('crm')
    t.equal(await provider.verify({ clientId: 'crm', clientSecret, apiKey: generateSecret('api_key') }, context), null)
    t.equal(await provider.verify({ clientId: 'crm', clientSecret: generateSecret('client_secret'), apiKey }, context), null)
    t.match(await sql.rows('select last_used_at from client_secrets'), [{ last_used_at: null }, { last_used_at: null }, { last_used_at: null }])

    const before = now()
    t.ok(await provider.verify({ clientId: 'crm', clientSecret, apiKey }, context))
    await until(async () => (await clients.get('crm'))!.apiKeys[0]!.lastUsedAt !== null)
    const { clientSecrets, apiKeys } = (await clients.get('crm'))!
    t.equal(clientSecrets[0]!.lastUsedAt, null, 'the current one was not used')
    for (const { lastUsedAt } of [clientSecrets[1]!, apiKeys[0]!]) t.ok(lastUsedAt! >= before && lastUsedAt! <= now())

    for (const [lastUsed, isWritten] of [[now() - 30, false], [now() - 90, true]] as const) {
      await sql.run(`update client_secrets set last_used_at = ${lastUsed} where kind = 'api_key'`)
      const other = await openStore(url)
      t.ok(await storeCredentialProvider(other).verify({ clientId: 'crm', clientSecret, apiKey }, context))
      t.ok(await storeCredentialProvider(other).verify({ clientId: 'crm', clientSecret, apiKey }, context))
      await other.close()
      t.equal((await clients.get('crm'))!.apiKeys[0]!.lastUsedAt! > lastUsed, isWritten)
    }
  })

  t.test('noting it fails → the client is verified all the same', async t => {
    const { clients, provider, sql } = await setUp(t)
    const { clientSecret, apiKey } = await clients.create({ id: 'crm', roles: ['viewer'] })
    await sql.fault('update', 'client_secrets', 'new.last_used_at is not null', 'the disk is full')
    t.ok(await provider.verify({ clientId: 'crm', clientSecret, apiKey }, context))
    t.match((await clients.get('crm'))!.apiKeys, [{ lastUsedAt: null }])
  })

  t.test('wrong times → refused, naming the member', async t => {
    const { clients, credentials } = await setUp(t)
    await clients.create({ id: 'crm', roles: ['viewer'] })
    for (const value of [-1, 1.5, NaN, '60', null, Date.now()]) {
      await t.rejects(clients.rotateSecret('crm', { keepPreviousFor: value as never }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^clients\.rotateSecret: keepPreviousFor: write a whole number of seconds/ })
      await t.rejects(clients.rotateApiKey('crm', { expiresAt: value as never }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^clients\.rotateApiKey: expiresAt: write a time in whole seconds/ })
      await t.rejects(clients.create({ id: 'new', roles: ['viewer'], clientSecretExpiresAt: value as never }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /clientSecretExpiresAt: write a time/ })
    }
    await t.rejects(clients.rotateSecret('crm', { keepFor: 5 } as never), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /keepFor: there is no such member; there are keepPreviousFor and expiresAt/ })
    const federated = { authMethod: 'federated', federated: { issuer: 'https://login.example.com', subject: 'x' } } as const
    await t.rejects(clients.create({ id: 'new', roles: ['viewer'], ...federated, clientSecretExpiresAt: 5 }), { message: /clientSecretExpiresAt: a client of federated has no secret/ })
    await t.rejects(clients.create({ id: 'new', roles: ['viewer'], ...federated, apiKeyExpiresAt: 5 }), { message: /apiKeyExpiresAt: this client needs no API key/ })
    t.match(await credentials.find('crm'), { clientSecretHashes: { length: 1 }, apiKeyHashes: { length: 1 } })
  })
}
