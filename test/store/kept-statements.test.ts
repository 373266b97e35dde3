import Database from 'libsql'
import t, { type Test } from 'tap'
import { keepingStatements } from '../../lib/store/kept-statements.js'
import { openStore } from '../../lib/store/open-store.js'

/** Two connections to one file. */
function connections (t: Test) {
  const file = `${t.testdir()}/a.db`
  const [database, other] = [new Database(file), new Database(file)]
  t.teardown(() => { database.close(); other.close() })
  database.exec('pragma journal_mode = wal')
  database.exec('create table a (id integer, x text)')
  return { database, other, kept: keepingStatements(database) }
}

t.test('a statement that reads → prepared once; one that writes → each time', t => {
  const { kept } = connections(t)
  t.equal(kept.prepare('select * from "a"'), kept.prepare('select * from "a"'))
  t.not(kept.prepare('insert into "a" values (1, 2)'), kept.prepare('insert into "a" values (1, 2)'))
  t.end()
})

t.test('what another connection wrote, and columns that it added → seen by a statement that was kept', t => {
  const { other, kept } = connections(t)
  const ask = (id: number) => kept.prepare('select * from "a" where "id" = ?').all([id])
  t.strictSame(ask(1), [])
  other.exec("insert into a values (1, 'one'), (2, 'two')")
  t.same([ask(1), ask(2)], [[{ id: 1, x: 'one' }], [{ id: 2, x: 'two' }]])
  other.exec("alter table a add column y text default 'new'")
  t.same(ask(1), [{ id: 1, x: 'one', y: 'new' }])
  t.end()
})

t.test('a statement that was kept → no reader that a checkpoint has to wait for', t => {
  const { other, kept } = connections(t)
  kept.prepare('select * from "a"').all([])
  other.exec("insert into a values (1, 'one')")
  t.match(other.prepare('pragma wal_checkpoint(truncate)').all(), [{ busy: 0, log: 0 }])
  t.end()
})

t.test('a statement that failed → prepared anew', t => {
  const { other, kept } = connections(t)
  const first = kept.prepare('select * from "a"')
  other.exec('drop table a')
  t.throws(() => first.all([]), /no such table/)
  other.exec('create table a (z text)')
  const second = kept.prepare('select * from "a"')
  t.not(second, first)
  t.strictSame(second.all([]), [])
  t.end()
})

t.test('more statements than are kept → all of them answer', t => {
  const { kept } = connections(t)
  for (let number = 0; number < 150; number++) t.same(kept.prepare(`select ${number} as "n"`).all([]), [{ n: number }])
  t.not(kept.prepare('select 149 as "n"'), kept.prepare('select 149 as "n"'))
  t.end()
})

t.test('credentials that another process changed → those that count, at the next request', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const [store, other] = [await openStore(url), await openStore(url)]
  t.teardown(() => Promise.all([store.close(), other.close()]))
  t.equal(await store.credentials.find('crm'), null)
  await other.clients.create({ id: 'crm', roles: ['manager'] })
  t.match(await store.credentials.find('crm'), { id: 'crm', clientSecretHashes: { length: 1 }, disabled: false })
  await other.clients.rotateSecret('crm')
  t.match(await store.credentials.find('crm'), { clientSecretHashes: { length: 2 } })
  await other.clients.disable('crm')
  t.match(await store.credentials.find('crm'), { disabled: true })
})
