import { inspect } from 'node:util'
import { hash as argon2 } from '@node-rs/argon2'
import { hash as bcrypt } from '@node-rs/bcrypt'
import t, { type Test } from 'tap'
import type { ClientCredentials } from '../../lib/credentials/provider.js'
import { generateSecret } from '../../lib/credentials/secret.js'
import { sqlCredentialProvider } from '../../lib/credentials/sql-provider.js'
import type { SqlClientRow } from '../../lib/credentials/sql-table/client-row.js'
import type { SqlProviderOptions } from '../../lib/credentials/sql-table/options.js'
import { openStore } from '../../lib/store/open-store.js'
import { companyTables, findClient, type CompanyTables } from './company-table.js'
import type { Kysely } from 'kysely'

const context = (signal = new AbortController().signal) => ({ issuer: 'https://auth.example.com', signal })
const NOW = Math.floor(Date.now() / 1000)

/** A company with the client `crm`, whose secret bcrypt hashed and whose API key Argon2id did. */
async function setUp (t: Test, options: Partial<SqlProviderOptions<Kysely<CompanyTables>>> = {}) {
  const db = await companyTables({ after: work => t.teardown(work) })
  await db.insertInto('api_clients').values([{ id: 'crm', roles: 'manager editor', disabled_at: null }, { id: 'off', roles: 'manager', disabled_at: 1 }, { id: 'bare', roles: 'manager', disabled_at: null }]).execute()
  const secret = await bcrypt('right secret', 4)
  const key = await argon2('right key', { memoryCost: 64, timeCost: 1, parallelism: 1 })
  await db.insertInto('api_secrets').values(['crm', 'off'].flatMap(id => [
    { client_id: id, kind: 'secret', hash: secret, expires_at: null, created_at: 2 }, { client_id: id, kind: 'key', hash: key, expires_at: null, created_at: 2 }
  ])).execute()
  const provider = sqlCredentialProvider({ db, query: findClient, apiKeys: 'query', ...options })
  return { db, secret, key, verify: (changed: Partial<ClientCredentials> = {}) => provider.verify({ clientId: 'crm', clientSecret: 'right secret', apiKey: 'right key', ...changed }, context()) }
}

t.test('right secret and API key → the principal with the roles of the table', async t => {
  const { verify } = await setUp(t)
  t.strictSame(await verify(), { clientId: 'crm', roles: ['manager', 'editor'] })
})

t.test('B41 B42 B50 B53 B54 whatever is wrong → null', async t => {
  const { db, verify } = await setUp(t)
  await db.insertInto('api_clients').values({ id: 'cms', roles: 'editor', disabled_at: null }).execute()
  await db.insertInto('api_secrets').values([
    { client_id: 'cms', kind: 'secret', hash: await bcrypt('secret of cms', 4), expires_at: null, created_at: 1 },
    { client_id: 'cms', kind: 'key', hash: await bcrypt('key of cms', 4), expires_at: null, created_at: 1 }
  ]).execute()
  const wrong: Record<string, Partial<ClientCredentials>> = {
    'unknown client': { clientId: 'nobody' },
    'SQL in the id': { clientId: "crm' OR '1'='1" },
    'a pattern as id': { clientId: '%' },
    'another case': { clientId: 'CRM' },
    'a NUL behind the id': { clientId: 'crm\0' },
    'no id': { clientId: '' },
    'wrong secret': { clientSecret: 'wrong' },
    'no secret': { clientSecret: undefined },
    'the hash as secret': { clientSecret: (await db.selectFrom('api_secrets').select('hash').executeTakeFirstOrThrow()).hash },
    'secret of another client': { clientSecret: 'secret of cms' },
    'a NUL behind the secret': { clientSecret: 'right secret\0' },
    'B46 secret of 1 MB': { clientSecret: 'A'.repeat(1024 * 1024) },
    'no API key': { apiKey: undefined },
    'wrong API key': { apiKey: 'wrong' },
    'API key of another client': { apiKey: 'key of cms' },
    'API key with a space': { apiKey: 'right key ' },
    'API key in another case': { apiKey: 'RIGHT KEY' },
    'API key truncated': { apiKey: 'right ke' },
    'secret and API key swapped': { clientSecret: 'right key', apiKey: 'right secret' },
    'disabled client': { clientId: 'off' },
    'client without secrets': { clientId: 'bare' },
    'what an unset secret is compared with': { clientId: 'bare', clientSecret: 'no secret', apiKey: 'no secret' }
  }
  t.ok(await verify(), 'from here on, nobody takes the work of a cheap hash')
  for (const [what, changed] of Object.entries(wrong)) t.equal(await verify(changed), null, what)
})

t.test('B47 B52 rotation → the new one and the one before hold; what has expired and what is older does not', async t => {
  const { db, secret, verify } = await setUp(t)
  const add = async (text: string, createdAt: number) => {
    await db.insertInto('api_secrets').values({ client_id: 'crm', kind: 'secret', hash: await bcrypt(text, 4), expires_at: null, created_at: createdAt }).execute()
  }
  await add('new secret', 3)
  for (const clientSecret of ['right secret', 'new secret']) t.ok(await verify({ clientSecret }), clientSecret)
  await db.updateTable('api_secrets').set({ expires_at: NOW - 1 }).where('client_id', '=', 'crm').where('hash', '=', secret).execute()
  t.equal(await verify(), null, 'expired')
  t.ok(await verify({ clientSecret: 'new secret' }))
  await db.updateTable('api_secrets').set({ expires_at: null }).execute()
  await add('newest secret', 4)
  t.equal(await verify(), null, 'the third')
  for (const clientSecret of ['newest secret', 'new secret']) t.ok(await verify({ clientSecret }), clientSecret)
})

t.test('API keys → of the store, of a function, or none', async t => {
  const store = await openStore('sqlite::memory:')
  t.teardown(() => store.close())
  const { apiKey } = await store.clients.create({ id: 'crm', roles: ['manager'] })
  const withStore = await setUp(t, { apiKeys: store })
  t.ok(await withStore.verify({ apiKey }))
  for (const wrong of ['right key', undefined, generateSecret('api_key')]) t.equal(await withStore.verify({ apiKey: wrong }), null)
  const withFunction = await setUp(t, { apiKeys: (clientId, apiKey) => apiKey === `of ${clientId}` })
  t.ok(await withFunction.verify({ apiKey: 'of crm' }))
  t.equal(await withFunction.verify(), null)
  const { db } = withFunction
  const without = sqlCredentialProvider({ db: async () => db, query: async (id, db) => await findClient(id, db).execute(), requireApiKey: false })
  t.ok(await without.verify({ clientId: 'crm', clientSecret: 'right secret', apiKey: undefined }, context()))
})

t.test('an outdated hash → replaced at the next success, of secret and API key alike, and never otherwise', async t => {
  const upgrades: unknown[] = []
  const { db, secret, key, verify } = await setUp(t, {
    upgrade: async (clientId, hash, { kind, hash: replaced }) => {
      upgrades.push([clientId, kind, replaced])
      await db.updateTable('api_secrets').set({ hash }).where('client_id', '=', clientId).where('hash', '=', replaced).execute()
    }
  })
  for (const changed of [{ clientSecret: 'wrong' }, { apiKey: 'wrong' }, { clientId: 'off' }]) t.equal(await verify(changed), null)
  t.strictSame(upgrades, [])
  t.ok(await verify())
  t.strictSame(upgrades, [['crm', 'client_secret', secret], ['crm', 'api_key', key]])
  const kept = await db.selectFrom('api_secrets').select('hash').where('client_id', '=', 'crm').execute()
  for (const { hash } of kept) t.match(hash, /^\$scrypt\$ln=15,r=8,p=3\$/)
  t.ok(await verify(), 'the new ones hold')
  t.equal(await verify({ clientSecret: 'wrong' }), null)
  t.equal(upgrades.length, 2, 'and are up to date')
})

t.test('an upgrade that fails → the client gets its answer, and the log the reason', async t => {
  const warned: object[] = []
  const upgrade = () => { throw new Error('read-only') }
  const { verify } = await setUp(t, { upgrade, log: { warn: details => { warned.push(details) } } })
  t.ok(await verify())
  t.strictSame(warned, [{ clientId: 'crm', kind: 'client_secret', reason: 'read-only' }, { clientId: 'crm', kind: 'api_key', reason: 'read-only' }])
  t.ok(await (await setUp(t, { upgrade })).verify(), 'without a log too')
})

t.test('a hash that is none, or costs too much → unavailable by name; the text is not told', async t => {
  const { db, verify } = await setUp(t)
  for (const [hash, reason] of [['a secret that was never hashed', 'it is of a kind that is not known'], ['$2b$31$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC', 'bcrypt of cost 31 costs more than is spent on one']] as const) {
    await db.updateTable('api_secrets').set({ hash }).where('client_id', '=', 'crm').execute()
    const error = await verify().catch(error => error)
    t.match(error, { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: `a hash of the client 'crm' cannot be checked: ${reason}` } })
    t.notOk(inspect(error, { depth: null }).includes(hash))
  }
  t.equal(await verify({ clientId: 'nobody' }), null, 'others are answered')
})

t.test('B55 a database that fails, rows that are none, a caller that has gone → unavailable, with the cause', async t => {
  const { db, verify } = await setUp(t)
  await db.schema.dropTable('api_secrets').execute()
  const error = await verify().catch(error => error)
  t.match(error, { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', statusCode: 503, cause: { message: /no such table/ } })
  for (const secret of ['right secret', 'right key']) t.notOk(inspect(error, { depth: null }).includes(secret))
  const rows = (rows: unknown) => sqlCredentialProvider({ db: {}, query: async () => rows as SqlClientRow[], requireApiKey: false }).verify({ clientId: 'crm', clientSecret: 'x', apiKey: undefined }, context())
  for (const wrong of [undefined, [{}], 'rows']) await t.rejects(rows(wrong), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
  const gone = sqlCredentialProvider({ db: {}, query: async () => { t.fail('it is not asked'); return [] }, requireApiKey: false })
  await t.rejects(gone.verify({ clientId: 'crm', clientSecret: 'x', apiKey: undefined }, context(AbortSignal.abort(new Error('gone')))), { cause: { message: 'gone' } })
})

t.test('wrong options → refused by name, with the cure', t => {
  const RIGHT = { db: {}, query: async () => [], requireApiKey: false }
  const wrong: [unknown, RegExp][] = [
    [undefined, /write an object/],
    [null, /write an object/],
    [{ ...RIGHT, table: 'x' }, /there is no option table; there are db, query, /],
    [{ ...RIGHT, db: undefined }, /write db/],
    [{ ...RIGHT, db: null }, /write db/],
    [{ ...RIGHT, query: 'select' }, /write query/],
    [{ ...RIGHT, requireApiKey: undefined }, /write apiKeys, the store or a function .* or requireApiKey: false/],
    [{ ...RIGHT, apiKeys: 'query' }, /write apiKeys: 'query' or requireApiKey: false, not both/],
    [{ ...RIGHT, upgrade: true }, /upgrade: write a function/],
    [{ ...RIGHT, log: {} }, /log: write app\.log/],
    [{ ...RIGHT, concurrency: 0 }, /concurrency: write a whole number/],
    [{ ...RIGHT, concurrency: 1.5 }, /concurrency: write a whole number/]
  ]
  for (const [options, message] of wrong) t.throws(() => sqlCredentialProvider(options as SqlProviderOptions<object>), { code: 'FST_KEYHOLE_OPTION_INVALID', message })
  t.end()
})
