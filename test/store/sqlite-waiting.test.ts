import { existsSync, readdirSync, readlinkSync } from 'node:fs'
import Database from 'libsql'
import t, { type Test } from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'
import { openKeyRing } from '../../lib/keys/key-ring.js'
import { openSqlite } from '../../lib/store/sqlite.js'
import { openStore } from '../../lib/store/open-store.js'
import type { Store } from '../../lib/store/store.js'

const POLICY = { claimSets: { a: {} }, scopes: { s: { reads: ['a'] } }, roles: { viewer: ['s'] } }

const UNAVAILABLE = { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', statusCode: 503 }

const DESCRIPTORS = '/proc/self/fd'

const soon = () => Date.now() / 1000 + 60

/** A store on a new file, and another connection that can hold the lock, as another process does that writes. */
async function setUp (t: Test) {
  const file = `${t.testdir()}/keyhole.db`
  const open = async () => {
    const store = await openStore(`sqlite:${file}`)
    t.teardown(store.close)
    return store
  }
  const store = await open()
  await store.clients.create({ id: 'crm', roles: ['viewer'] })
  const other = new Database(file)
  t.teardown(() => other.close())
  return { file, open, store, other }
}

/** Tells whether work has come to an end. */
function watched<T> (work: Promise<T>) {
  const watch = { isOver: false, work }
  work.catch(() => {}).finally(() => { watch.isOver = true })
  return watch
}

/** Whatever only reads. */
async function readAll ({ clients, credentials, policies, keys, revocations }: Store) {
  return {
    client: await clients.get('crm'),
    clients: await clients.list(),
    credentials: await credentials.find('crm'),
    policy: await policies.latest(),
    history: await policies.history(),
    keys: await keys.list(),
    privateJwk: await keys.privateJwk((await keys.list())[0]!.kid),
    revocations: await revocations.since(0)
  }
}

t.test('another connection writes, and six of the store wait for it → whatever only reads answers meanwhile, with what was last committed', async t => {
  const { open, store, other } = await setUp(t)
  await store.keys.addActive(generateSigningKey(), 0)
  await store.policies.publish(POLICY)
  await (await open()).clients.disable('crm')
  other.exec('begin immediate')
  const writers = Array.from({ length: 6 }, (_, index) => watched(store.replays.use('dpop', `${index}`, soon())))
  t.match(await readAll(store), {
    client: { disabled: true },
    clients: { length: 1 },
    credentials: { disabled: true },
    policy: POLICY,
    history: { length: 1 },
    keys: [{ state: 'active' }],
    privateJwk: { kty: 'EC' },
    revocations: { revocations: [{ clientId: 'crm' }] }
  })
  t.ok(other.inTransaction && writers.every(({ isOver }) => !isOver), 'nobody has the lock but the other')
  other.exec('commit')
  t.strictSame(await Promise.all(writers.map(({ work }) => work)), Array(6).fill(true))
})

t.test('a process starts while another one writes → it waits for nothing that is there', async t => {
  const { open, store, other } = await setUp(t)
  const { signingKey } = await openKeyRing(store.keys)
  const nonceKey = await store.nonceKeys.addFirst('first')
  other.exec('begin immediate')
  const started = await open()
  t.equal((await openKeyRing(started.keys)).signingKey.kid, signingKey.kid)
  t.equal(await started.nonceKeys.addFirst('second'), nonceKey)
  t.ok(other.inTransaction)
  other.exec('commit')
})

t.test('clients that come slowly → whatever only reads goes on, in the function that is told of them too', async t => {
  const { store } = await setUp(t)
  async function * coming () {
    yield { id: 'shop', roles: ['viewer'] }
    t.equal((await store.clients.list()).length, 1, 'none is kept yet')
  }
  const seen: unknown[] = []
  t.equal(await store.clients.createAll(coming(), async ({ id }) => { seen.push(await store.clients.get(id)) }), 1)
  t.strictSame(seen, [null])
  t.equal((await store.clients.list()).length, 2, 'then all are')
})

t.test('the function that is told of clients writes, or reads a store in memory → it fails in time, no client is kept, and the store goes on', async t => {
  const memory = await openStore('sqlite::memory:')
  t.teardown(memory.close)
  const { store } = await setUp(t)
  const within = [[store, () => store.clients.disable('crm'), 1], [memory, () => memory.clients.list(), 0]] as const
  await Promise.all(within.map(async ([{ clients }, work, before]) => {
    await t.rejects(clients.createAll([{ id: 'shop', roles: ['viewer'] }], async () => { await work() }), { ...UNAVAILABLE, message: /began to write has not ended for 5 seconds/, cause: { code: 'SQLITE_BUSY' } })
    t.equal((await clients.list()).length, before)
    await clients.create({ id: 'shop', roles: ['viewer'] })
  }))
})

t.test('another connection does not let go → all who wait give up five seconds after they asked, not one after the other', async t => {
  const { open, store, other } = await setUp(t)
  const measure = await open()
  other.exec('begin immediate')
  const writers = Array.from({ length: 6 }, (_, index) => watched(store.replays.use('dpop', `${index}`, soon())))
  await t.rejects(Promise.race(writers.map(({ work }) => work)), UNAVAILABLE)
  const later = watched(measure.clients.disable('crm'))
  await Promise.all(writers.map(({ work }) => t.rejects(work, UNAVAILABLE)))
  t.notOk(later.isOver, 'who asked when the first of them gave up waits')
  other.exec('commit')
  await later.work
  t.equal(await store.replays.use('dpop', '0', soon()), true, 'who gave up has written nothing, and holds up nobody')
})

t.test('a write where only reading is expected → fails at once, whoever has the lock', async t => {
  const { file, other } = await setUp(t)
  const { reading, close } = await openSqlite(file)
  t.teardown(close)
  other.exec('begin immediate')
  const readonly = { code: 'SQLITE_READONLY' }
  await t.rejects(reading.deleteFrom('clients').execute(), readonly)
  await t.rejects(reading.transaction().execute(trx => trx.deleteFrom('clients').execute()), readonly)
  other.exec('commit')
})

t.test('columns that a later version adds → who read before reads on', async t => {
  const { store, other } = await setUp(t)
  const before = await store.clients.get('crm')
  other.exec('alter table clients add column later text')
  t.strictSame(await store.clients.get('crm'), before)
  await store.clients.disable('crm')
  t.match(await store.clients.get('crm'), { disabled: true })
})

t.test('what was read → holds back no checkpoint', async t => {
  const { store, other } = await setUp(t)
  await store.keys.addActive(generateSigningKey(), 0)
  await readAll(store)
  t.match(other.prepare('pragma wal_checkpoint(truncate)').all(), [{ busy: 0, log: 0 }])
})

t.test('closed before anything was asked of it → nothing has the file open', { skip: !existsSync(DESCRIPTORS) }, async t => {
  const folder = t.testdir()
  const { close } = await openSqlite(`${folder}/keyhole.db`)
  const opened = () => openFiles().filter(name => name.startsWith(folder))
  t.ok(opened().length > 0)
  await close()
  t.strictSame(opened(), [])
})

/** What this process has open, as Linux tells. */
function openFiles (): string[] {
  return readdirSync(DESCRIPTORS).flatMap(descriptor => {
    try {
      return [readlinkSync(`${DESCRIPTORS}/${descriptor}`)]
    } catch {
      // The one of this very look.
      return []
    }
  })
}
