import { rm, writeFile } from 'node:fs/promises'
import { inspect } from 'node:util'
import pg from 'pg'
import type { Test } from 'tap'
import { generateSigningKey } from '../../../lib/keys/generate.js'
import { openStore } from '../../../lib/store/open-store.js'
import { openPostgres } from '../../../lib/store/postgres.js'
import type { Store } from '../../../lib/store/store.js'
import { nameOf } from '../../name-of.js'
import { proxyTo } from '../../postgres/proxy.js'
import type { PostgresServer } from '../../postgres/server.js'
import { until } from '../../policy/log.js'
import type { TestDatabase } from '../databases.js'

const POLICY = { claimSets: { profile_claims: {} }, scopes: { profile: { reads: ['profile_claims'] } }, roles: { viewer: ['profile'] } }

const UNAVAILABLE = { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', statusCode: 503 }

const soon = () => Date.now() / 1000 + 60

/** What is so on PostgreSQL alone. */
export function onPostgresSuite (t: Test, database: TestDatabase & { readonly server: PostgresServer }): void {
  async function opened (t: Test, url: string): Promise<Store> {
    const store = await openStore(url)
    t.teardown(store.close)
    return store
  }

  const withParameter = (url: string, name: string, value: string) => {
    const changed = new URL(url)
    changed.searchParams.set(name, value)
    return changed.href
  }

  t.test('a server that is not there, a wrong password, no such database → clear errors, and no password in them', async t => {
    const url = new URL(await database.url(t))
    const wrong = new URL(url)
    wrong.password = 'hunter2'
    const missing = new URL(url)
    missing.pathname = '/missing'
    for (const [given, reason] of [['postgres://user:hunter2@127.0.0.1:1/x', /^The store cannot be used: postgres:\/\/127\.0\.0\.1:1\/x: connect ECONNREFUSED/], [`postgres://user:hunter2@${nameOf(t, '127.0.0.1', '::1')}:1/x`, /connect ECONNREFUSED 127\.0\.0\.1:1$/], [wrong.href, /password authentication failed/], [missing.href, /database "missing" does not exist/], ['postgres://user:hunter2@127.0.0.1:1/x?sslmode=verify-full&sslrootcert=/nowhere', /nowhere/]] as const) {
      const error = await openStore(given).then(() => undefined, error => error)
      t.match(error, { ...UNAVAILABLE, message: reason })
      const told = inspect(error, { depth: null, showHidden: true })
      t.notMatch(told, /hunter2/)
      t.notOk(told.includes(url.password))
    }
  })

  t.test('a database that an application uses too → both have their tables', async t => {
    const url = await database.url(t)
    const client = new pg.Client(url)
    await client.connect()
    t.teardown(() => client.end())
    await client.query('create table clients (mine text); create table kysely_migration (name text, timestamp text); insert into kysely_migration values (\'mine\', \'2020-01-01T00:00:00.000Z\')')
    const store = await opened(t, url)
    await store.clients.create({ id: 'crm', roles: ['viewer'] })
    t.strictSame((await client.query('select * from clients')).rows, [])
    t.equal((await client.query('select id from keyhole.clients')).rows.length, 1)
    t.type(pg.types.getTypeParser(20)('5'), 'string', 'what others read is left as it was')
  })

  t.test('a user who may not change tables → opens a store that was migrated', async t => {
    const url = await database.url(t)
    await (await openStore(url)).close()
    const client = new pg.Client(url)
    await client.connect()
    t.teardown(() => client.end())
    await client.query("create role app login password 'app'; grant usage on schema keyhole to app; grant select, insert, update, delete on all tables in schema keyhole to app; grant usage on all sequences in schema keyhole to app")
    const asApp = new URL(url)
    asApp.username = 'app'
    asApp.password = 'app'
    const { clients, policies } = await opened(t, asApp.href)
    await clients.create({ id: 'crm', roles: ['viewer'] })
    await clients.disable('crm')
    t.ok(await policies.publish(POLICY))
  })

  t.test('E29 the server goes and comes back, stopped or crashed → unavailable, then as before; the process goes on', async t => {
    const url = await database.url(t)
    const store = await opened(t, url)
    await store.clients.create({ id: 'crm', roles: ['viewer'] })
    // Several connections stand idle, and one listens.
    await Promise.all(Array.from({ length: 10 }, () => store.clients.get('crm')))
    store.policies.onChange!(() => {})
    for (const end of ['stop', 'crash'] as const) {
      await database.server[end]()
      await t.rejects(store.clients.get('crm'), UNAVAILABLE)
      await t.rejects(store.clients.rotateSecret('crm'), UNAVAILABLE)
      await t.rejects(store.replays.use('dpop', end, soon()), UNAVAILABLE)
      await database.server.start()
      t.match(await store.clients.get('crm'), { id: 'crm' })
      t.ok(await store.clients.rotateSecret('crm'))
      t.equal(await store.replays.use('dpop', end, soon()), true)
    }
  })

  t.test('the server ends the connections that are idle → nobody notices', async t => {
    const url = await database.url(t)
    const store = await opened(t, url)
    await Promise.all(Array.from({ length: 10 }, () => store.clients.list()))
    const sql = await database.sql(t, url)
    await sql.rows("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'fastify-keyhole' and datname = current_database()")
    t.strictSame(await Promise.all(Array.from({ length: 10 }, () => store.clients.list())), Array(10).fill([]))
  })

  t.test('E30 the connection is cut at the commit of a use, before or after → it counts once, and is no replay of itself', async t => {
    const url = await database.url(t)
    const proxy = await proxyTo(t, url)
    const store = await opened(t, proxy.url)
    for (const when of ['before', 'after'] as const) {
      proxy.cutAtCommit(when)
      t.equal(await store.replays.use('assertion', when, soon()), true)
      t.equal(await store.replays.use('assertion', when, soon()), false)
    }
    t.equal((await (await database.sql(t, url)).rows('select * from replays')).length, 2)
  })

  t.test('the connection is cut at the commit of a change → unavailable: it may have been made or not; trying again does no harm', async t => {
    const url = await database.url(t)
    const proxy = await proxyTo(t, url)
    const { clients } = await opened(t, proxy.url)
    await clients.create({ id: 'crm', roles: ['viewer'] })
    for (const [when, isMade] of [['before', false], ['after', true]] as const) {
      proxy.cutAtCommit(when)
      await t.rejects(clients.disable('crm'), UNAVAILABLE)
      t.match(await clients.get('crm'), { disabled: isMade })
    }
    await clients.disable('crm')
  })

  t.test('a statement that takes too long → unavailable, and the next one is well', async t => {
    const url = await database.url(t)
    // Migrated before: the time is that of the statement.
    await (await openStore(url)).close()
    const store = await opened(t, withParameter(url, 'statement_timeout', '2000'))
    const sql = await database.sql(t, url)
    await sql.run('begin; lock table clients in access exclusive mode')
    await t.rejects(store.clients.list(), { ...UNAVAILABLE, message: /statement timeout/ })
    await sql.run('rollback')
    t.strictSame(await store.clients.list(), [])
  })

  t.test('a server that falls silent → unavailable in time, and by a new connection once it speaks again', async t => {
    const url = await database.url(t)
    await (await opened(t, url)).clients.create({ id: 'crm', roles: ['viewer'] })
    const proxy = await proxyTo(t, url)
    const store = await opened(t, withParameter(proxy.url, 'query_timeout', '2000'))
    t.ok(await store.clients.get('crm'))
    proxy.freeze()
    await t.rejects(store.clients.disable('crm'), { ...UNAVAILABLE, message: /timeout/ })
    proxy.thaw()
    const before = proxy.opened
    t.match(await store.clients.get('crm'), { disabled: false })
    t.equal(proxy.opened, before + 1, 'the silent connection was given up')
  })

  t.test('closed while more is under way than there are connections → what began is finished, the rest is refused', async t => {
    const url = await database.url(t)
    const store = await openStore(url)
    const work = Array.from({ length: 40 }, (_, index) => store.clients.create({ id: `client-${index}`, roles: ['viewer'] }))
    await store.close()
    t.ok((await Promise.allSettled(work)).every(({ status }) => status === 'fulfilled'))
    await t.rejects(store.clients.list(), { message: /it was closed/ })
    t.equal((await (await opened(t, url)).clients.list()).length, 40)
  })

  t.test('E17 what one process changes → told to the others at once, each kind to those who follow it', async t => {
    const url = await database.url(t)
    const [one, other] = [await opened(t, url), await opened(t, url)]
    await one.clients.create({ id: 'crm', roles: ['viewer'] })
    const told: string[] = []
    const follow = async (name: string, { onChange }: Pick<Store['policies'], 'onChange'>) => {
      const stop = onChange!(() => { told.push(name) })
      t.teardown(stop)
      return stop
    }
    await follow('policies', other.policies)
    await follow('keys', other.keys)
    const stop = await follow('revocations', other.revocations)
    // It may have missed something until it listens.
    await until(() => told.length === 3)
    const changes: [string, () => Promise<unknown>][] = [
      ['policies', () => one.policies.publish(POLICY)],
      ['keys', () => one.keys.addActive(generateSigningKey(), 0)],
      ['revocations', () => one.revocations.add({ kind: 'token', tokenId: 'x', expiresAt: 5 })],
      ['revocations', () => one.clients.revokeTokens('crm')],
      ['revocations', () => one.clients.disable('crm')],
      ['revocations', () => one.clients.delete('crm')]
    ]
    for (const [name, change] of changes) {
      told.length = 0
      await change()
      await until(() => told.length > 0)
      t.strictSame(told, [name])
    }
    told.length = 0
    stop()
    await one.revocations.add({ kind: 'token', tokenId: 'y', expiresAt: 5 })
    await one.policies.publish({ ...POLICY, roles: {} })
    await until(() => told.length > 0)
    t.strictSame(told, ['policies'], 'nothing is told any more to who has stopped listening')
  })

  t.test('the listening connection breaks → it is opened again, and what was missed is looked at', async t => {
    const url = await database.url(t)
    const [one, other] = [await opened(t, url), await opened(t, url)]
    let told = 0
    t.teardown(other.policies.onChange!(() => { told++ }))
    await until(() => told === 1)
    const sql = await database.sql(t, url)
    t.equal((await sql.rows("select pg_terminate_backend(pid) from pg_stat_activity where query = 'listen fastify_keyhole' and datname = current_database()")).length, 1, 'one connection listens')
    await one.policies.publish(POLICY)
    await until(() => told === 2)
    await one.policies.publish({ ...POLICY, roles: {} })
    await until(() => told === 3)
  })

  t.test('the server is away when listening begins → it listens once it is there', async t => {
    const url = await database.url(t)
    const store = await opened(t, url)
    await database.server.stop()
    let told = 0
    t.teardown(store.policies.onChange!(() => { told++ }))
    await t.rejects(store.policies.latest(), UNAVAILABLE)
    await database.server.start()
    await until(() => told > 0)
  })

  t.test('a certificate that the URL names cannot be read when listening begins → it listens once it can be', async t => {
    const file = `${t.testdir({ 'ca.pem': '' })}/ca.pem`
    const store = await opened(t, withParameter(withParameter(await database.url(t), 'sslmode', 'disable'), 'sslrootcert', file))
    await rm(file)
    let told = 0
    t.teardown(store.policies.onChange!(() => { told++ }))
    await writeFile(file, '')
    await until(() => told > 0)
  })

  t.test('rows one by one → there is no such thing', async t => {
    const { kysely, close } = await openPostgres(await database.url(t), 'test')
    t.teardown(close)
    await t.rejects(kysely.selectFrom('clients').selectAll().stream().next(), /the store streams no rows/)
  })
}
