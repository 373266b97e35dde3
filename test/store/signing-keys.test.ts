import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { inspect } from 'node:util'
import Database from 'libsql'
import t from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'
import { openKeyRing, readKeyRing } from '../../lib/keys/key-ring.js'
import { openStore } from '../../lib/store/open-store.js'

const NOW = 1_800_000_000

/** Whether something stands in a database file, once what was written last is in it and nowhere else. */
function holds (file: string, text: string): boolean {
  const database = new Database(file)
  database.exec('pragma wal_checkpoint(truncate)')
  database.close()
  return readFileSync(file).includes(text) || readFileSync(`${file}-wal`).includes(text)
}
const ENCRYPTION = randomBytes(32).toString('base64')

t.test('the first key → kept as it is, also after opening again; a second first one is not', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const store = await openStore(url)
  const { privateJwk, ...key } = generateSigningKey()
  t.strictSame(await store.keys.list(), [])
  await store.keys.addActive({ ...key, privateJwk }, NOW)
  await store.keys.addActive(generateSigningKey(), NOW)
  const kept = [{ ...key, state: 'active', createdAt: NOW, signsFrom: NOW, retiredAt: null }]
  t.strictSame(await store.keys.list(), kept)
  await store.close()

  const again = await openStore(url)
  t.teardown(again.close)
  t.strictSame(await again.keys.list(), kept)
  t.strictSame(await again.keys.privateJwk(key.kid), privateJwk)
  t.equal(await again.keys.privateJwk('other'), undefined)
})

t.test('next, active, retired, purged → one of the first two each, newest first', async t => {
  const { keys, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  const [first, second, third] = [generateSigningKey(), generateSigningKey(), generateSigningKey()]
  const states = async () => (await keys.list()).map(({ kid, state, signsFrom, retiredAt }) => [kid, state, signsFrom, retiredAt])
  await keys.addActive(first, NOW)
  await keys.addNext(second, NOW, NOW + 600)
  await keys.addNext(third, NOW, NOW + 600)
  t.strictSame(await states(), [[second.kid, 'next', NOW + 600, null], [first.kid, 'active', NOW, null]])
  for (const kid of [third.kid, first.kid]) await keys.activate(kid, NOW + 700)
  t.strictSame(await states(), [[second.kid, 'next', NOW + 600, null], [first.kid, 'active', NOW, null]], 'only the next one is activated')
  for (const now of [NOW + 700, NOW + 800]) await keys.activate(second.kid, now)
  t.strictSame(await states(), [[second.kid, 'active', NOW + 700, null], [first.kid, 'retired', NOW, NOW + 700]])
  t.equal(await keys.privateJwk(first.kid), undefined)
  t.strictSame(await keys.privateJwk(second.kid), second.privateJwk)
  await keys.purge(NOW + 700)
  t.equal((await states()).length, 2)
  await keys.purge(NOW + 701)
  t.strictSame(await states(), [[second.kid, 'active', NOW + 700, null]])
})

t.test('E8 removed → gone; in the place of the one that signs comes the next one, else the replacement', async t => {
  const { keys, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  const [first, second, third, fourth] = [generateSigningKey(), generateSigningKey(), generateSigningKey(), generateSigningKey()]
  await keys.addActive(first, NOW)
  await keys.addNext(second, NOW, NOW + 600)
  await keys.remove('other', NOW, third)
  t.match(await keys.list(), [{ kid: second.kid, state: 'next' }, { kid: first.kid, state: 'active' }])
  await keys.remove(first.kid, NOW + 5, third)
  t.match(await keys.list(), [{ kid: second.kid, state: 'active', signsFrom: NOW + 5 }])
  await keys.remove(second.kid, NOW + 6, fourth)
  t.match(await keys.list(), [{ kid: fourth.kid, state: 'active', signsFrom: NOW + 6 }])
  t.strictSame(await keys.privateJwk(fourth.kid), fourth.privateJwk)
  t.equal((await keys.list()).length, 1)
})

t.test('E3 twenty rotations at once, by three stores on one file → one next key; all activate it → one rotation', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const stores = await Promise.all([openStore(url), openStore(url), openStore(url)])
  t.teardown(() => Promise.all(stores.map(({ close }) => close())))
  await stores[0]!.keys.addActive(generateSigningKey(), NOW)
  const twenty = Array.from({ length: 20 }, (_, index) => stores[index % 3]!.keys)
  await Promise.all(twenty.map(keys => keys.addNext(generateSigningKey(), NOW, NOW + 1)))
  const [next, first, ...others] = await stores[0]!.keys.list()
  t.match([next, first, others], [{ state: 'next' }, { state: 'active' }, []])
  await Promise.all(twenty.map((keys, index) => keys.activate(next!.kid, NOW + index)))
  t.match(await stores[1]!.keys.list(), [{ kid: next!.kid, state: 'active', signsFrom: NOW }, { kid: first!.kid, state: 'retired', retiredAt: NOW }])
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

t.test('the database fails in the middle of a rotation → nothing of it was done', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const { keys, close } = await openStore(`sqlite:${file}`)
  const other = new Database(file)
  t.teardown(async () => { other.close(); await close() })
  const [first, second] = [generateSigningKey(), generateSigningKey()]
  await keys.addActive(first, NOW)
  await keys.addNext(second, NOW, NOW)
  for (const statement of ["when new.state = 'retired'", "when new.state = 'active'"]) {
    other.exec(`create trigger fault before update on signing_keys ${statement} begin select raise(abort, 'the disk is full'); end`)
    await t.rejects(keys.activate(second.kid, NOW), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /the disk is full/ })
    other.exec('drop trigger fault')
    t.match((await keys.list()).at(-1), { kid: first.kid, state: 'active' })
    t.strictSame(await keys.privateJwk(first.kid), first.privateJwk)
  }
  await keys.activate(second.kid, NOW)
  t.match(await keys.list(), [{ kid: second.kid, state: 'active' }, { kid: first.kid, state: 'retired' }])
})

t.test('E11 encrypted → no private part in the file; opened without the key → public parts only, and the boot says what is missing', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const store = await openStore(`sqlite:${file}`, { keyEncryption: ENCRYPTION })
  const key = generateSigningKey()
  await store.keys.addActive(key, NOW)
  t.strictSame(await store.keys.privateJwk(key.kid), key.privateJwk)
  await store.close()
  t.notOk(holds(file, key.privateJwk.d!))

  for (const [options, message] of [[{}, /is encrypted\. Pass the key/], [{ keyEncryption: randomBytes(32).toString('base64') }, /was encrypted with another key/]] as const) {
    const other = await openStore(`sqlite:${file}`, options)
    t.ok((await readKeyRing(other.keys)).find(key.kid), 'who verifies needs no key')
    await t.rejects(openKeyRing(other.keys), { code: 'FST_KEYHOLE_OPTION_INVALID', message })
    await other.close()
  }
})

t.test('E11 stored before it was encrypted → read, encrypted when it is used, and nothing of it is left in the file', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const key = generateSigningKey()
  const before = await openStore(`sqlite:${file}`)
  await before.keys.addActive(key, NOW)
  await before.close()
  t.ok(holds(file, key.privateJwk.d!))

  const after = await openStore(`sqlite:${file}`, { keyEncryption: ENCRYPTION })
  t.equal((await openKeyRing(after.keys)).signingKey.kid, key.kid)
  await after.close()
  t.notOk(holds(file, key.privateJwk.d!))
  const again = await openStore(`sqlite:${file}`, { keyEncryption: [randomBytes(32).toString('base64'), ENCRYPTION] })
  t.strictSame(await again.keys.privateJwk(key.kid), key.privateJwk)
  await again.close()
  await t.rejects(openStore(`sqlite:${file}`, { keyEncryption: ENCRYPTION }).then(store => store.keys.privateJwk(key.kid).finally(store.close)), { message: /another key/ })
})

t.test('retired → its private part is gone from the file', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const store = await openStore(`sqlite:${file}`)
  const [first, second] = [generateSigningKey(), generateSigningKey()]
  await store.keys.addActive(first, NOW)
  await store.keys.addNext(second, NOW, NOW)
  await store.keys.activate(second.kid, NOW)
  await store.close()
  t.ok(holds(file, second.privateJwk.d!))
  t.notOk(holds(file, first.privateJwk.d!))
})

t.test('wrong options → refused; a variable that is not set does not leave the keys open', async t => {
  await t.rejects(openStore('sqlite::memory:', { keyEncryption: process.env['KEYHOLE_NOT_SET'] }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^openStore: keyEncryption: write 32 random bytes/ })
  await t.rejects(openStore('sqlite::memory:', { encryption: 'x' } as never), { code: 'FST_KEYHOLE_OPTION_INVALID', message: 'openStore: there is no option encryption; there is keyEncryption.' })
})

t.test('a stored key that is broken → a clear error, and nothing of it in there', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const { keys, close } = await openStore(`sqlite:${file}`)
  t.teardown(close)
  const key = generateSigningKey()
  await keys.addActive(key, NOW)
  const other = new Database(file)
  t.teardown(() => other.close())
  other.exec('update signing_keys set private_jwk = substr(private_jwk, 2)')
  const error = await keys.privateJwk(key.kid).then(() => undefined, error => error)
  t.match(error, { code: 'FST_KEYHOLE_SIGNING_UNAVAILABLE', message: /the private part of the key "[\w-]+" is broken/ })
  t.notOk(inspect(error, { depth: null }).includes(key.privateJwk.d!))
  other.exec('update signing_keys set public_jwk = substr(public_jwk, 2)')
  await t.rejects(keys.list(), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /stored JSON is broken/ })
})

t.test('keys of the table as it was → the newest signs, the others verify, without private parts', async t => {
  const file = `${t.testdir()}/keyhole.db`
  await (await openStore(`sqlite:${file}`)).close()
  const [older, newest] = [generateSigningKey(), generateSigningKey()]
  const other = new Database(file)
  other.exec("delete from kysely_migration where name >= '0005'; drop table nonce_keys; drop table signing_keys; create table signing_keys (generation integer primary key, kid text unique, alg text, private_jwk text, created_at bigint)")
  for (const [generation, key] of [older, newest].entries()) {
    other.prepare('insert into signing_keys values (?, ?, ?, ?, ?)').run([generation + 1, key.kid, key.alg, JSON.stringify(key.privateJwk), NOW])
  }
  other.close()

  const store = await openStore(`sqlite:${file}`)
  t.teardown(store.close)
  t.match(await store.keys.list(), [
    { kid: newest.kid, publicJwk: newest.publicJwk, state: 'active', signsFrom: NOW, retiredAt: null },
    { kid: older.kid, publicJwk: older.publicJwk, state: 'retired', signsFrom: NOW, retiredAt: Number }
  ])
  t.strictSame(await store.keys.privateJwk(newest.kid), newest.privateJwk)
  t.equal(await store.keys.privateJwk(older.kid), undefined)
  t.equal((await openKeyRing(store.keys)).signingKey.kid, newest.kid)
})
