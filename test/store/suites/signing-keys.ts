import { inspect } from 'node:util'
import type { Test } from 'tap'
import { generateSigningKey } from '../../../lib/keys/generate.js'
import { openKeyRing, readKeyRing } from '../../../lib/keys/key-ring.js'
import { openStore } from '../../../lib/store/open-store.js'
import type { TestDatabase } from '../databases.js'

const NOW = 1_800_000_000

/** The issuer's signing keys. */
export function signingKeysSuite (t: Test, database: TestDatabase): void {
  t.test('the first key → kept as it is, also after opening again; a second first one is not', async t => {
    const url = await database.url(t)
    const store = await openStore(url)
    const { privateJwk, ...key } = generateSigningKey()
    t.strictSame(await store.keys.list(), [])
    await store.keys.addActive({ ...key, privateJwk }, NOW)
    await store.keys.addActive(generateSigningKey(), NOW)
    const kept = [{ ...key, state: 'active', createdAt: NOW, signsFrom: NOW, retiredAt: null, sealing: 'none' }]
    t.strictSame(await store.keys.list(), kept)
    await store.close()

    const again = await openStore(url)
    t.teardown(again.close)
    t.strictSame(await again.keys.list(), kept)
    t.strictSame(await again.keys.privateJwk(key.kid), privateJwk)
    t.equal(await again.keys.privateJwk('other'), undefined)
  })

  t.test('next, active, retired, purged → one of the first two each, newest first', async t => {
    const { keys, close } = await openStore(await database.url(t))
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
    const { keys, close } = await openStore(await database.url(t))
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
    const url = await database.url(t)
    const stores = await Promise.all([openStore(url), openStore(url), openStore(url)])
    t.teardown(() => Promise.all(stores.map(({ close }) => close())))
    await stores[0]!.keys.addActive(generateSigningKey(), NOW)
    const twenty = Array.from({ length: 20 }, (_, index) => stores[index % 3]!.keys)
    await Promise.all(twenty.map(keys => keys.addNext(generateSigningKey(), NOW, NOW + 1)))
    const [next, first, ...others] = await stores[0]!.keys.list()
    t.match([next, first, others], [{ state: 'next' }, { state: 'active' }, []])
    await Promise.all(twenty.map((keys, index) => keys.activate(next!.kid, NOW + index)))
    const [active, retired, ...more] = await stores[1]!.keys.list()
    t.match([active, retired, more], [{ kid: next!.kid, state: 'active' }, { kid: first!.kid, state: 'retired', retiredAt: active!.signsFrom }, []], 'whichever came first')
  })

  t.test('E2 two stores on one new file open their rings at once → one key, and a reader finds it', async t => {
    const url = await database.url(t)
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

  t.test('another process rotates, or removes the next key, between the list of keys and a private part → the keys as they are then', async t => {
    const url = await database.url(t)
    const [store, other] = [await openStore(url), await openStore(url)]
    t.teardown(() => Promise.all([store.close(), other.close()]))
    const now = Math.floor(Date.now() / 1000)
    const [first, second, third] = [generateSigningKey(), generateSigningKey(), generateSigningKey()]
    await other.keys.addActive(first, now)
    await other.keys.addNext(second, now, now + 600)
    /** A ring that opens while something happens, each time once more after the keys were listed. */
    const openDuring = async (...events: (() => Promise<void>)[]) => await openKeyRing({
      ...store.keys,
      async list () {
        const listed = await store.keys.list()
        await events.shift()?.()
        return listed
      }
    })
    const rotated = await openDuring(
      () => other.keys.activate(second.kid, now),
      async () => { await other.keys.addNext(third, now, now + 600); await other.keys.activate(third.kid, now) }
    )
    t.equal(rotated.signingKey.kid, third.kid)
    const fourth = generateSigningKey()
    await other.keys.addNext(fourth, now, now + 600)
    const removed = await openDuring(() => other.keys.remove(fourth.kid, now, first))
    t.strictSame([removed.signingKey.kid, removed.find(fourth.kid)], [third.kid, undefined])
  })

  t.test('the database fails in the middle of a rotation → nothing of it was done', async t => {
    const url = await database.url(t)
    const { keys, close } = await openStore(url)
    t.teardown(close)
    const sql = await database.sql(t, url)
    const [first, second] = [generateSigningKey(), generateSigningKey()]
    await keys.addActive(first, NOW)
    await keys.addNext(second, NOW, NOW)
    for (const when of ["new.state = 'retired'", "new.state = 'active'"]) {
      const mend = await sql.fault('update', 'signing_keys', when, 'the disk is full')
      await t.rejects(keys.activate(second.kid, NOW), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /the disk is full/ })
      await mend()
      t.match((await keys.list()).at(-1), { kid: first.kid, state: 'active' })
      t.strictSame(await keys.privateJwk(first.kid), first.privateJwk)
    }
    await keys.activate(second.kid, NOW)
    t.match(await keys.list(), [{ kid: second.kid, state: 'active' }, { kid: first.kid, state: 'retired' }])
  })

  t.test('a stored key that is broken → a clear error, and nothing of it in there', async t => {
    const url = await database.url(t)
    const { keys, close } = await openStore(url)
    t.teardown(close)
    const key = generateSigningKey()
    await keys.addActive(key, NOW)
    const sql = await database.sql(t, url)
    await sql.run('update signing_keys set private_jwk = substr(private_jwk, 2)')
    const error = await keys.privateJwk(key.kid).then(() => undefined, error => error)
    t.match(error, { code: 'FST_KEYHOLE_SIGNING_UNAVAILABLE', message: /the private part of the key "[\w-]+" is broken/ })
    t.notOk(inspect(error, { depth: null }).includes(key.privateJwk.d!))
    await sql.run('update signing_keys set public_jwk = substr(public_jwk, 2)')
    await t.rejects(keys.list(), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /stored JSON is broken/ })
  })
}
