import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { inspect } from 'node:util'
import Database from 'libsql'
import t, { type Test } from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'
import { openStore } from '../../lib/store/open-store.js'

const OUT_OF_PATIENCE = { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', statusCode: 503, message: /database is locked/, cause: { code: 'SQLITE_BUSY' } }

function raw (t: Test, file: string): Database.Database {
  const database = new Database(file)
  t.teardown(() => database.close())
  return database
}

t.test('sqlite::memory: → a store of its own, and no file', async t => {
  const cwd = process.cwd()
  process.chdir(t.testdir())
  t.teardown(() => process.chdir(cwd))
  const [a, b] = [await openStore('sqlite::memory:'), await openStore('sqlite::memory:')]
  await a.clients.create({ id: 'crm', roles: ['viewer'] })
  t.equal(await b.clients.get('crm'), null)
  t.strictSame(readdirSync('.'), [])
  await Promise.all([a.close(), b.close()])
})

t.test('sqlite:FILE, relative or absolute → that file, again the same store', async t => {
  const cwd = process.cwd()
  const folder = t.testdir()
  process.chdir(folder)
  t.teardown(() => process.chdir(cwd))
  // A name that libsql itself would take for the address of a server.
  for (const file of ['keyhole.db', `${folder}/absolute.db`, 'with space ?&#%41.db', 'libsql:x']) {
    const store = await openStore(`sqlite:${file}`)
    await store.clients.create({ id: 'crm', roles: ['viewer'] })
    await store.close()
    t.ok(existsSync(file), file)
    const again = await openStore(`sqlite:${file}`)
    t.ok(await again.clients.get('crm'))
    await again.close()
  }
})

t.test('any other URL → refused, saying what to write, without showing what may hold a password', async t => {
  for (const url of ['mysql://user:hunter2@db/keyhole', 'postgres:user:hunter2', 'keyhole.db', 'sqlite:', 'sqlite://keyhole.db', 'sqlite:///keyhole.db', 'SQLITE:keyhole.db', '', undefined, null, 5]) {
    const error = await openStore(url as string).then(() => undefined, error => error)
    t.match(error, { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^openStore: write 'sqlite:FILE', such as/ }, String(url))
    t.notMatch(error.message, /hunter2/)
  }
})

t.test('a URL of PostgreSQL in which the password cannot be told from the rest → refused, and nothing of it is shown', async t => {
  for (const url of ['postgres://user:hunter2/x@db/keyhole', 'postgres://user:12/hunter2@db/keyhole', 'postgresql://user:12#hunter2@db/keyhole', 'postgres://user:12?hunter2@db/keyhole', 'postgres://user:hunter2@db:port/keyhole']) {
    const error = await openStore(url).then(() => undefined, error => error)
    t.match(error, { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^openStore: write 'postgres:\/\/USER:PASSWORD@HOST:PORT\/DATABASE', and in user and password everything/ })
    t.notMatch(inspect(error, { depth: null, showHidden: true }), /hunter2|:12/)
  }
})

t.test('E11 a new file → its owner alone may read it, its -wal and -shm too', async t => {
  const folder = t.testdir()
  const umask = process.umask(0)
  t.teardown(() => process.umask(umask))
  const store = await openStore(`sqlite:${folder}/keyhole.db`)
  await store.keys.addActive(generateSigningKey(), 0)
  const modes = Object.fromEntries(readdirSync(folder).map(file => [file, (statSync(`${folder}/${file}`).mode & 0o777).toString(8)]))
  t.strictSame(modes, { 'keyhole.db': '600', 'keyhole.db-shm': '600', 'keyhole.db-wal': '600' })
  await store.close()
})

t.test('a file that was there → keeps its mode', async t => {
  const file = `${t.testdir({ 'keyhole.db': '' })}/keyhole.db`
  chmodSync(file, 0o640)
  await (await openStore(`sqlite:${file}`)).close()
  t.equal(statSync(file).mode & 0o777, 0o640)
})

t.test('an open store → write-ahead log', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const store = await openStore(`sqlite:${file}`)
  t.teardown(store.close)
  t.match(raw(t, file).pragma('journal_mode'), [{ journal_mode: 'wal' }])
})

t.test('a folder that is missing, a folder, no database → clear errors', async t => {
  const folder = t.testdir({ 'text.db': 'this is some text, and by no means a database'.repeat(100) })
  mkdirSync(`${folder}/folder.db`)
  for (const [file, reason] of [['missing/keyhole.db', /ENOENT/], ['folder.db', /EISDIR/], ['text.db', /file is not a database/]] as const) {
    await t.rejects(openStore(`sqlite:${folder}/${file}`), {
      code: 'FST_KEYHOLE_STORE_UNAVAILABLE', statusCode: 503, message: reason, cause: { message: reason }
    })
  }
})

t.test('a database of a later version → refused, and left alone', async t => {
  const file = `${t.testdir()}/keyhole.db`
  await (await openStore(`sqlite:${file}`)).close()
  const database = raw(t, file)
  database.exec("insert into kysely_migration values ('9999-later', '2999-01-01T00:00:00.000Z')")
  const migrations = () => database.prepare('select name from kysely_migration').all()
  const before = migrations()
  await t.rejects(openStore(`sqlite:${file}`), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /9999-later/ })
  t.strictSame(migrations(), before)
})

t.test('a migration that fails half-way → nothing of it stays, and it runs when the obstacle is gone', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const database = raw(t, file)
  database.exec('create table policies (x)')
  await t.rejects(openStore(`sqlite:${file}`), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /policies/ })
  t.strictSame(database.prepare("select name from sqlite_master where name in ('clients', 'client_secrets', 'signing_keys')").all(), [])
  database.exec('drop table policies')
  await (await openStore(`sqlite:${file}`)).close()
})

t.test('another process looks into the file and closes it → what is written afterwards is there for all, once the store was opened twice too', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const look = () => execFileSync(process.execPath, ['--input-type=module', '-e', `
    import Database from 'libsql'
    const database = new Database(process.argv[1])
    database.exec('begin; update clients set id = id; rollback')
    database.close()
  `, file], { cwd: new URL('.', import.meta.url), env: { ...process.env, NODE_OPTIONS: '' } })
  const store = await openStore(`sqlite:${file}`)
  t.teardown(store.close)
  for (const id of ['first', 'second']) {
    look()
    await store.clients.create({ id, roles: ['viewer'] })
    t.ok(existsSync(`${file}-wal`), 'nobody takes it for closed')
    const again = await openStore(`sqlite:${file}`)
    t.teardown(again.close)
    t.ok(await again.clients.get(id))
  }
})

t.test('E31 ten openers of one new file at once, in one process → all succeed', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const stores = await Promise.all(Array.from({ length: 10 }, () => openStore(url)))
  await Promise.all(stores.map((store, index) => store.clients.create({ id: `client-${index}`, roles: ['viewer'] })))
  for (const store of stores) t.equal((await store.clients.list()).length, 10)
  await Promise.all(stores.map(store => store.close()))
})

t.test('a closed store → says so, whatever is called; closing again does nothing', async t => {
  const store = await openStore('sqlite::memory:')
  await store.close()
  await store.close()
  const calls = [
    () => store.clients.create({ id: 'crm', roles: ['viewer'] }),
    () => store.clients.get('crm'),
    () => store.clients.list(),
    () => store.clients.rotateSecret('crm'),
    () => store.clients.rotateApiKey('crm'),
    () => store.clients.disable('crm'),
    () => store.clients.delete('crm'),
    () => store.credentials.find('crm'),
    () => store.keys.list(),
    () => store.keys.addActive(generateSigningKey(), 0),
    () => store.policies.publish({ claimSets: { a: {} }, scopes: { a: {} }, roles: {} }),
    () => store.policies.latest()
  ]
  for (const call of calls) {
    await t.rejects(async () => { await call() }, { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', statusCode: 503, message: 'The store cannot be used: :memory:: it was closed.' })
  }
})

t.test('closed while work is under way → what began is finished, the rest is refused', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const store = await openStore(`sqlite:${file}`)
  const work = Array.from({ length: 20 }, (_, index) => store.clients.create({ id: `client-${index}`, roles: ['viewer'] }))
  const [, ...outcomes] = await Promise.allSettled([store.close(), ...work])
  for (const outcome of outcomes) {
    if (outcome.status === 'rejected') t.match(outcome.reason, { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /it was closed/ })
  }
  const again = await openStore(`sqlite:${file}`)
  t.teardown(again.close)
  t.equal((await again.clients.list()).length, outcomes.filter(({ status }) => status === 'fulfilled').length)
})

t.test('E29 another connection writes for a while → the store waits and the process goes on', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const store = await openStore(`sqlite:${file}`)
  t.teardown(store.close)
  await store.clients.create({ id: 'crm', roles: ['viewer'] })
  const other = raw(t, file)
  for (const write of [() => store.clients.rotateSecret('crm'), () => store.clients.disable('crm'), () => store.clients.delete('crm')]) {
    other.exec('begin immediate')
    const writing = write()
    t.ok(await Promise.race([writing.then(() => false), new Promise(resolve => setTimeout(resolve, 20, true))]), 'it waits')
    other.exec('commit')
    await writing
  }
})

t.test('E29 another connection does not let go → unavailable; reading goes on, and writing once it has', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const store = await openStore(`sqlite:${file}`)
  const second = await openStore(`sqlite:${file}`)
  const reader = await openStore(`sqlite:${file}`)
  t.teardown(() => Promise.all([store, second, reader].map(({ close }) => close())))
  await store.clients.create({ id: 'crm', roles: ['viewer'] })
  const other = raw(t, file)
  other.exec('begin immediate')
  const writing = [t.rejects(store.clients.disable('crm'), OUT_OF_PATIENCE), t.rejects(second.clients.rotateSecret('crm'), OUT_OF_PATIENCE)]
  t.match(await reader.clients.get('crm'), { disabled: false })
  await Promise.all(writing)
  other.exec('commit')
  await store.clients.disable('crm')
  await second.clients.rotateSecret('crm')
  t.match(await reader.clients.get('crm'), { disabled: true })
})

t.test('an error after which SQLite rolls back by itself, as a full disk can be → that error is told, and the store goes on', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const store = await openStore(`sqlite:${file}`)
  t.teardown(store.close)
  const other = raw(t, file)
  other.exec("create trigger fault before insert on client_secrets begin select raise(rollback, 'the disk is full'); end")
  await t.rejects(store.clients.create({ id: 'crm', roles: ['viewer'] }), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /the disk is full/ })
  other.exec('drop trigger fault')
  t.strictSame(await store.clients.list(), [])
  await store.clients.create({ id: 'crm', roles: ['viewer'] })
  other.exec("create trigger fault before update on clients begin select raise(rollback, 'the disk is full'); end")
  await t.rejects(store.clients.disable('crm'), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /the disk is full/ })
  other.exec('drop trigger fault')
  await store.clients.disable('crm')
})

t.test('E29 a database that was damaged → unavailable', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const store = await openStore(`sqlite:${file}`)
  for (let index = 0; index < 50; index++) await store.clients.create({ id: `client-${index}`, roles: ['viewer'] })
  raw(t, file).exec('pragma wal_checkpoint(truncate)')
  await store.close()
  const bytes = readFileSync(file)
  const damaged = `sqlite:${t.testdir({ 'damaged.db': bytes.fill(0xff, 4096) })}/damaged.db`
  await t.rejects(openStore(damaged), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /malformed/ })
})
