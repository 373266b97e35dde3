import type { Test } from 'tap'
import { checkMigrations, migrate } from '../../../lib/store/migrations-at.js'
import { openStore } from '../../../lib/store/open-store.js'
import type { TestDatabase } from '../databases.js'

/** The tables, from version to version. */
export function migrationsSuite (t: Test, database: TestDatabase): void {
  t.test('a new database → everything is pending, and stays so until it is migrated; then nothing is', async t => {
    const url = await database.url(t)
    const { applied, pending, unknown } = await checkMigrations(url)
    t.strictSame([applied, unknown], [[], []])
    t.strictSame(pending.slice(0, 2), ['0001-clients-keys-policies', '0002-revocations'])
    t.strictSame((await checkMigrations(url)).pending, pending, 'looking changes nothing')
    t.strictSame(await migrate(url), pending)
    t.strictSame(await checkMigrations(url), { applied: pending, pending: [], unknown: [] })
    t.strictSame(await migrate(url), [])
    const store = await openStore(url)
    t.teardown(store.close)
    t.strictSame(await store.clients.list(), [])
  })

  t.test('a database of a later version → told, refused, and left alone', async t => {
    const url = await database.url(t)
    await migrate(url)
    const sql = await database.sql(t, url)
    await sql.run("insert into kysely_migration values ('9999-later', '2999-01-01T00:00:00.000Z')")
    const before = await sql.rows('select name from kysely_migration order by name')
    t.match(await checkMigrations(url), { pending: [], unknown: ['9999-later'] })
    const later = { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /a later version of fastify-keyhole changed its tables \(9999-later\)\. Update this one/ }
    await t.rejects(openStore(url), later)
    await t.rejects(migrate(url), later)
    t.strictSame(await sql.rows('select name from kysely_migration order by name'), before)
  })

  t.test('a migration that fails half-way → nothing of it stays, and it runs when the obstacle is gone', async t => {
    const url = await database.url(t)
    await migrate(url)
    const sql = await database.sql(t, url)
    await sql.run("delete from kysely_migration where name >= '0003'")
    await sql.run('drop table nonce_keys')
    await sql.run('drop table replays')
    await t.rejects(openStore(url), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /registration/ })
    t.match(await checkMigrations(url), { applied: { length: 2 } })
    await t.rejects(sql.rows('select * from replays'), /replays/)
    await sql.run('alter table clients drop column registration')
    await sql.run('drop index client_secrets_by_expiry')
    await sql.run('alter table client_secrets drop column expires_at')
    await sql.run('alter table client_secrets drop column last_used_at')
    await (await openStore(url)).close()
  })

  t.test('E31 ten at once → one applies them, all succeed', async t => {
    const url = await database.url(t)
    const applied = await Promise.all(Array.from({ length: 10 }, () => migrate(url)))
    t.equal(applied.filter(names => names.length > 0).length, 1)
    t.match(await checkMigrations(url), { pending: [], unknown: [] })
  })

  t.test('what is no URL of a store → refused', async t => {
    for (const work of [checkMigrations, migrate]) await t.rejects(async () => { await work('mysql://user:hunter2@db/x') }, { code: 'FST_KEYHOLE_OPTION_INVALID' })
  })
}
