import { sign, verify } from 'node:crypto'
import { inspect } from 'node:util'
import t from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'
import { openKeyRing, readKeyRing } from '../../lib/keys/key-ring.js'
import type { JWK } from '../../lib/keys/jwk.js'
import type { KeyStorage, StoredKey } from '../../lib/keys/storage.js'

/** A storage in memory, newest first as the contract has it. */
function storageOf (...keys: StoredKey[]): KeyStorage & { keys: StoredKey[] } {
  const storage = {
    keys,
    list: async () => structuredClone(storage.keys),
    addFirst: async (key: StoredKey) => { if (storage.keys.length === 0) storage.keys.push(key) }
  }
  return storage
}

t.test('an empty storage → one key, which signs what it verifies', async t => {
  const storage = storageOf()
  const ring = await openKeyRing(storage)
  const { kid, alg, privateKey, publicKey } = ring.signingKey
  t.equal(alg, 'ES256')
  t.equal(kid, storage.keys[0]?.kid)
  t.ok(verify('sha256', Buffer.from('text'), publicKey, sign('sha256', Buffer.from('text'), privateKey)))
  t.ok(ring.find(kid)?.publicKey.equals(publicKey))
  t.equal(ring.find(undefined), ring.find(kid))
  t.equal(ring.find('other'), undefined)
})

t.test('a storage with keys → the newest signs, all verify, none is made', async t => {
  const [newest, older] = [generateSigningKey(), generateSigningKey()]
  const storage = storageOf(newest, older)
  const ring = await openKeyRing(storage)
  t.equal(ring.signingKey.kid, newest.kid)
  t.equal(ring.find(older.kid)?.kid, older.kid)
  t.equal(ring.find(undefined), undefined)
  t.equal(storage.keys.length, 2)
  t.same(ring.jwks().keys.map(key => key.kid), [newest.kid, older.kid])
})

t.test('E11 published keys → exactly the public members, kid, alg and use', async t => {
  const stored = generateSigningKey()
  const ring = await openKeyRing(storageOf(stored))
  const { x, y } = stored.privateJwk
  t.strictSame(ring.jwks(), { keys: [{ kty: 'EC', x, y, crv: 'P-256', kid: stored.kid, alg: 'ES256', use: 'sig' }] })
  t.notOk((JSON.stringify(ring.signingKey) + inspect(ring, { depth: null, showHidden: true })).includes(stored.privateJwk.d!))
  t.throws(() => { (ring.jwks().keys as JWK[]).push({ kty: 'EC' }) }, TypeError)
})

t.test('several openers of one empty storage → one key', async t => {
  const storage = storageOf()
  const rings = await Promise.all(Array.from({ length: 5 }, () => openKeyRing(storage)))
  t.equal(new Set(rings.map(ring => ring.signingKey.kid)).size, 1)
})

t.test('E4 a key that came later → found after a refresh, signing as the newest; refreshed once a second', async t => {
  let time = 0
  const first = generateSigningKey()
  const storage = storageOf(first)
  const rings = [await openKeyRing(storage, () => time), await readKeyRing(storage, () => time)]
  for (let step = 1; step <= 2; step++) {
    const next = generateSigningKey()
    storage.keys.unshift(next)
    if (step === 2) {
      time = 999
      await Promise.all(rings.map(ring => ring.refresh()))
      for (const ring of rings) t.equal(ring.find(next.kid), undefined, 'too early')
      time = 1000
    }
    await Promise.all(rings.map(ring => ring.refresh()))
    for (const ring of rings) {
      t.equal(ring.find(next.kid)?.kid, next.kid)
      t.equal(ring.find(first.kid)?.kid, first.kid)
    }
  }
  t.equal((await openKeyRing(storage)).signingKey.kid, storage.keys[0]?.kid)
})

t.test('a refresh → keys that are still there stay the same objects', async t => {
  const storage = storageOf(generateSigningKey())
  const ring = await openKeyRing(storage)
  const before = ring.signingKey
  storage.keys.unshift(generateSigningKey())
  await ring.refresh()
  t.not(ring.signingKey, before)
  t.equal(ring.find(before.kid), before)
})

t.test('a refresh where a kid has another key now → the new key', async t => {
  const storage = storageOf(generateSigningKey())
  const ring = await openKeyRing(storage)
  const { kid, publicKey } = ring.signingKey
  storage.keys = [{ ...generateSigningKey(), kid }]
  await ring.refresh()
  t.notOk(ring.find(kid)?.publicKey.equals(publicKey))
})

t.test('E8 a key that was removed → not found after a refresh; all removed → a new one is made by the ring that signs', async t => {
  const storage = storageOf(generateSigningKey())
  const [ring, reader] = [await openKeyRing(storage), await readKeyRing(storage)]
  const { kid } = ring.signingKey
  storage.keys = []
  await reader.refresh()
  t.equal(reader.find(kid), undefined)
  t.equal(storage.keys.length, 0, 'who only reads makes none')
  await ring.refresh()
  t.equal(ring.find(kid), undefined)
  t.equal(ring.signingKey.kid, storage.keys[0]?.kid)
  await reader.refresh()
})

t.test('reading an empty storage → no key, and none is made', async t => {
  const storage = storageOf()
  const keys = await readKeyRing(storage)
  t.equal(keys.find(undefined), undefined)
  t.equal(storage.keys.length, 0)
  const { signingKey } = await openKeyRing(storage)
  await keys.refresh()
  t.equal(keys.find(signingKey.kid)?.kid, signingKey.kid)
})

t.test('E12 a storage that fails → rejects; while running, the keys stay', async t => {
  const storage = storageOf(generateSigningKey())
  const ring = await openKeyRing(storage)
  const { kid } = ring.signingKey
  storage.list = async () => { throw new Error('away') }
  await t.rejects(ring.refresh(), { message: 'away' })
  t.equal(ring.find(kid)?.kid, kid)
  await t.rejects(openKeyRing(storage), { message: 'away' })
  await t.rejects(readKeyRing(storage), { message: 'away' })
})

t.test('a storage that keeps nothing → refused', async t => {
  const storage = { list: async () => [], addFirst: async () => {} }
  await t.rejects(openKeyRing(storage), { code: 'FST_KEYHOLE_KEY_REFUSED', message: /does not keep the keys/ })
})

t.test('a stored key that is broken → refused by name, nothing of it shown', async t => {
  const key = generateSigningKey()
  const { d } = key.privateJwk
  for (const broken of [{ ...key.privateJwk, crv: 'P-384' }, { kty: 'EC', crv: 'P-256', d }, { ...key.privateJwk, d: undefined }]) {
    for (const open of [openKeyRing, readKeyRing]) {
      const error = await open(storageOf({ ...key, privateJwk: broken as unknown as JWK })).then(() => undefined, error => error)
      t.match(error, { code: 'FST_KEYHOLE_KEY_REFUSED', message: `The key "${key.kid}" is refused: its stored private part cannot be read.` })
      t.notOk(inspect(error).includes(d!))
    }
  }
  await t.rejects(openKeyRing(storageOf({ ...key, alg: 'ES384' })), { code: 'FST_KEYHOLE_KEY_REFUSED', message: /its alg does not fit/ })
})
