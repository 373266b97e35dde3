import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
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

t.test('keys of the table as it was → the newest signs, the others verify, without private parts', async t => {
  const file = `${t.testdir()}/keyhole.db`
  await (await openStore(`sqlite:${file}`)).close()
  const [older, newest] = [generateSigningKey(), generateSigningKey()]
  const other = new Database(file)
  other.exec("delete from kysely_migration where name >= '0005'; drop table nonce_keys; drop index client_secrets_by_expiry; alter table client_secrets drop column expires_at; alter table client_secrets drop column last_used_at; alter table replays drop column used_by; drop table signing_keys; create table signing_keys (generation integer primary key, kid text unique, alg text, private_jwk text, created_at bigint)")
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
