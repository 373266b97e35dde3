import { inspect } from 'node:util'
import Database from 'libsql'
import t from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'
import { openKeyRing, readKeyRing } from '../../lib/keys/key-ring.js'
import { openStore } from '../../lib/store/open-store.js'

t.test('the first key → kept as it is, also after opening again; a second first one is not', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const store = await openStore(url)
  const key = generateSigningKey()
  t.strictSame(await store.keys.list(), [])
  await store.keys.addFirst(key)
  await store.keys.addFirst(generateSigningKey())
  t.strictSame(await store.keys.list(), [key])
  await store.close()

  const again = await openStore(url)
  t.teardown(again.close)
  t.strictSame(await again.keys.list(), [key])
})

t.test('several keys → newest first, and no first one is added', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const { keys, close } = await openStore(`sqlite:${file}`)
  t.teardown(close)
  const [older, newest] = [generateSigningKey(), generateSigningKey()]
  await keys.addFirst(older)
  const other = new Database(file)
  t.teardown(() => other.close())
  other.prepare('insert into signing_keys values (2, ?, ?, ?, ?)').run([newest.kid, newest.alg, JSON.stringify(newest.privateJwk), newest.createdAt])
  t.strictSame((await keys.list()).map(key => key.kid), [newest.kid, older.kid])
  other.exec('delete from signing_keys where generation = 1')
  await keys.addFirst(older)
  t.strictSame(await keys.list(), [newest])
})

t.test('E2 two stores on one new file open their rings at once → one key, and a reader finds it', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const stores = await Promise.all([openStore(url), openStore(url), openStore(url)])
  t.teardown(() => Promise.all(stores.map(store => store.close())))
  const reader = await readKeyRing(stores[0]!.keys)
  const rings = await Promise.all(stores.map(store => openKeyRing(store.keys)))
  const kids = new Set(rings.map(ring => ring.signingKey.kid))
  t.equal(kids.size, 1)
  t.equal((await stores[0]!.keys.list()).length, 1)
  await reader.refresh()
  t.ok(reader.find([...kids][0]))
})

t.test('a stored key that is broken → a clear error, and nothing of it in there', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const { keys, close } = await openStore(`sqlite:${file}`)
  t.teardown(close)
  const key = generateSigningKey()
  await keys.addFirst(key)
  const other = new Database(file)
  t.teardown(() => other.close())
  other.exec('update signing_keys set private_jwk = substr(private_jwk, 2)')
  const error = await keys.list().then(() => undefined, error => error)
  t.match(error, { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /stored JSON is broken/ })
  t.notOk(inspect(error, { depth: null }).includes(key.privateJwk.d!))
})
