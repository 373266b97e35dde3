import Database from 'libsql'
import { readFileSync } from 'node:fs'
import t from 'tap'
import { inProcess, keyhole } from './running.js'

t.test('as processes: migrate --check, migrate → what is pending, what was done; 1 while something is', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const migrate = (...words: string[]) => inProcess(['migrate', ...words, '--store', url], { isCounted: true })
  t.match(await migrate('--check'), { exit: 1, out: /^pending {2}0001-\S+\n(?:pending {2}\S+\n)+$/, err: '' })
  t.match(await migrate(), { exit: 0, out: /^applied {2}0001-\S+\n(?:applied {2}\S+\n)+$/, err: '' })
  t.strictSame(await migrate('--check'), { exit: 0, out: 'The tables are up to date.\n', err: '' })
  t.strictSame(await migrate(), { exit: 0, out: 'The tables are up to date.\n', err: '' })
})

t.test('--json → data; a later version → 1 when asked, 2 when it is to be brought up to date', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const migrate = (...words: string[]) => keyhole(['migrate', ...words, '--store', url])
  t.match(JSON.parse((await migrate('--check', '--json')).out), { applied: [], pending: [/^0001/], unknown: [] })
  t.match(JSON.parse((await migrate('--json')).out), { applied: [/^0001/] })
  const rows = new Database(`${t.testdirName}/keyhole.db`)
  rows.prepare("insert into kysely_migration (name, timestamp) values ('9999-later', '')").run()
  rows.close()
  t.strictSame(await migrate('--check'), { exit: 1, out: 'unknown  9999-later: a later version of fastify-keyhole made it\n', err: '' })
  t.match(await migrate(), { exit: 2, out: '', err: /a later version of fastify-keyhole changed its tables/ })
})

t.test("--check of another application's file → everything pending, and not a byte of the file changes", async t => {
  const file = `${t.testdir()}/theirs.db`
  const theirs = new Database(file)
  theirs.exec('create table theirs (id integer)')
  theirs.close()
  const before = readFileSync(file)
  t.match(await keyhole(['migrate', '--check', '--store', `sqlite:${file}`]), { exit: 1, out: /^pending/ })
  t.strictSame(readFileSync(file), before)
})
