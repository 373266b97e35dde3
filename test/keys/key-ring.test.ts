import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'
import { openKeyRing, readKeyRing } from '../../lib/keys/key-ring.js'
import { DEFAULT_SETTINGS, KEPT, MARGIN } from '../../lib/keys/lifecycle.js'
import type { JWK } from '../../lib/keys/jwk.js'
import type { KeyStorage } from '../../lib/keys/storage.js'
import { openStore } from '../../lib/store/open-store.js'

const NOW = 1_800_000_000

/** The keys of a store in memory, of which a method may be replaced. */
async function storageOf (t: Test): Promise<{ -readonly [Method in keyof KeyStorage]: KeyStorage[Method] }> {
  const store = await openStore('sqlite::memory:')
  t.teardown(store.close)
  return { ...store.keys }
}

/** Clocks that are set by hand. */
function clocks () {
  const time = { now: NOW, passed: 0 }
  return { time, now: () => time.now, monotonic: () => time.passed, later: (seconds: number) => { time.now += seconds; time.passed += seconds * 1000 } }
}

t.test('an empty storage → one key, which signs what it verifies', async t => {
  const storage = await storageOf(t)
  const ring = await openKeyRing(storage)
  const { kid, alg, privateKey, publicKey } = ring.signingKey
  t.equal(alg, 'ES256')
  t.match(await storage.list(), [{ kid, state: 'active' }])
  t.ok(verify('sha256', Buffer.from('text'), publicKey, sign('sha256', Buffer.from('text'), privateKey)))
  t.ok(ring.find(kid)?.publicKey.equals(publicKey))
  t.equal(ring.find(undefined), ring.find(kid))
  t.equal(ring.find('other'), undefined)
})

t.test('of each algorithm → made, kept and used', async t => {
  for (const algorithm of ['EdDSA', 'RS256', 'PS256'] as const) {
    const storage = await storageOf(t)
    const ring = await openKeyRing(storage, { ...DEFAULT_SETTINGS, algorithm })
    t.equal(ring.signingKey.alg, algorithm)
    t.equal((await readKeyRing(storage)).find(undefined)?.alg, algorithm)
  }
})

t.test('E11 published keys → exactly the public members, kid, alg and use', async t => {
  const storage = await storageOf(t)
  const key = generateSigningKey()
  await storage.addActive(key, NOW)
  const ring = await openKeyRing(storage)
  const { x, y } = key.publicJwk
  t.strictSame(ring.jwks(), { keys: [{ kty: 'EC', x, y, crv: 'P-256', kid: key.kid, alg: 'ES256', use: 'sig' }] })
  t.notOk((JSON.stringify(ring.signingKey) + inspect(ring, { depth: null, showHidden: true })).includes(key.privateJwk.d!))
  t.throws(() => { Object.assign(ring.jwks().keys[0]!, { kid: 'x' }) }, TypeError)
})

t.test('E1, E10 a next key → published at once, signs once its time has come, the one before goes on verifying and is purged', async t => {
  const storage = await storageOf(t)
  const { later, ...clock } = clocks()
  const ring = await openKeyRing(storage, DEFAULT_SETTINGS, clock)
  const before = ring.signingKey
  const next = generateSigningKey('EdDSA')
  await storage.addNext(next, NOW, NOW + 600)
  await ring.refresh()
  t.equal(ring.signingKey, before)
  t.strictSame(ring.jwks().keys.map(({ kid }) => kid), [next.kid, before.kid])
  t.ok(ring.find(next.kid))
  later(599)
  await ring.refresh()
  t.equal(ring.signingKey, before)
  later(1)
  await ring.refresh()
  t.match(ring.signingKey, { kid: next.kid, alg: 'EdDSA' })
  t.equal(ring.find(before.kid)?.publicKey, before.publicKey, 'the same object')
  t.equal(await storage.privateJwk(before.kid), undefined, 'its private part is gone')
  later(KEPT)
  await ring.refresh()
  t.ok(ring.find(before.kid))
  later(1)
  await ring.refresh()
  t.equal(ring.find(before.kid), undefined)
})

t.test('E1 rotated by time, by two rings in turn → three rotations, one key each, each published before it signs', async t => {
  const storage = await storageOf(t)
  const { later, ...clock } = clocks()
  const settings = { ...DEFAULT_SETTINGS, rotateEvery: 3600 }
  const rings = [await openKeyRing(storage, settings, clock), await openKeyRing(storage, settings, clock)]
  const seen = new Map<string, number>()
  const signed = new Set<string>()
  for (let minute = 0; minute < 3 * 60 + 15; minute++) {
    for (const ring of minute % 2 === 0 ? rings : [...rings].reverse()) {
      await ring.refresh()
      for (const { kid } of ring.jwks().keys) if (!seen.has(kid!)) seen.set(kid!, clock.time.now)
      const { kid } = ring.signingKey
      if (!signed.has(kid) && signed.size > 0) t.ok(clock.time.now - seen.get(kid)! >= 600, 'published for ten minutes')
      signed.add(kid)
    }
    t.equal(rings[0]!.signingKey.kid, rings[1]!.signingKey.kid)
    for (const kid of signed) t.ok(rings.every(ring => ring.find(kid)))
    later(60)
  }
  t.equal(signed.size, 4)
})

t.test('E4 a key that came later → found after a refresh; refreshed once a second', async t => {
  const storage = await storageOf(t)
  let time = 0
  const ring = await openKeyRing(storage, DEFAULT_SETTINGS, { monotonic: () => time })
  const reader = await readKeyRing(storage, () => time)
  await ring.refresh()
  await reader.refresh()
  const next = generateSigningKey()
  await storage.addNext(next, NOW, NOW * 2)
  time = 999
  await Promise.all([ring.refresh(), reader.refresh()])
  for (const keys of [ring, reader]) t.equal(keys.find(next.kid), undefined, 'too early')
  time = 1000
  await Promise.all([ring.refresh(), reader.refresh()])
  for (const keys of [ring, reader]) t.equal(keys.find(next.kid)?.kid, next.kid)
})

t.test('E8 a key that was removed → not found after a refresh; the one that signed → another signs', async t => {
  const storage = await storageOf(t)
  const { later, ...clock } = clocks()
  const [ring, reader] = [await openKeyRing(storage, DEFAULT_SETTINGS, clock), await readKeyRing(storage, clock.monotonic)]
  const { kid } = ring.signingKey
  const replacement = generateSigningKey()
  await storage.remove(kid, NOW, replacement)
  later(1)
  await Promise.all([ring.refresh(), reader.refresh()])
  for (const keys of [ring, reader]) t.equal(keys.find(kid), undefined)
  t.equal(ring.signingKey.kid, replacement.kid)
})

t.test('E8 a key that was removed, and another that cannot be used → nothing is signed until it can', async t => {
  const storage = await storageOf(t)
  const { later, ...clock } = clocks()
  const ring = await openKeyRing(storage, DEFAULT_SETTINGS, clock)
  const { privateJwk } = storage
  const replacement = generateSigningKey()
  await storage.remove(ring.signingKey.kid, NOW, replacement)
  storage.privateJwk = async () => { throw new Error('the service is away') }
  later(1)
  await t.rejects(ring.refresh(), { message: 'the service is away' })
  t.throws(() => ring.signingKey, { code: 'FST_KEYHOLE_SIGNING_UNAVAILABLE' })
  storage.privateJwk = privateJwk
  later(1)
  await ring.refresh()
  t.equal(ring.signingKey.kid, replacement.kid)
})

t.test('reading an empty storage → no key, and none is made', async t => {
  const storage = await storageOf(t)
  const keys = await readKeyRing(storage)
  t.equal(keys.find(undefined), undefined)
  t.strictSame(await storage.list(), [])
  const { signingKey } = await openKeyRing(storage)
  await keys.refresh()
  t.equal(keys.find(signingKey.kid)?.kid, signingKey.kid)
})

t.test('E12 a storage that fails → the keys stay for five minutes, then nothing is signed any more, until it is back', async t => {
  const storage = await storageOf(t)
  const { later, ...clock } = clocks()
  const ring = await openKeyRing(storage, DEFAULT_SETTINGS, clock)
  const { kid } = ring.signingKey
  const { list } = storage
  storage.list = async () => { throw new Error('away') }
  for (let minute = 0; minute < MARGIN / 60; minute++) {
    later(60)
    await t.rejects(ring.refresh(), { message: 'away' })
    t.equal(ring.signingKey.kid, kid)
  }
  later(1)
  t.throws(() => ring.signingKey, { code: 'FST_KEYHOLE_SIGNING_UNAVAILABLE', statusCode: 503, message: 'No token can be signed now: the signing keys cannot be read.' })
  t.equal(ring.find(kid)?.kid, kid, 'what was signed is still verified')
  storage.list = list
  await ring.refresh()
  t.equal(ring.signingKey.kid, kid)
  storage.list = async () => { throw new Error('away') }
  await t.rejects(openKeyRing(storage), { message: 'away' })
  await t.rejects(readKeyRing(storage), { message: 'away' })
})

t.test('E12 the private part of the next key cannot be read → said at once; it is published, and the one before signs on', async t => {
  const storage = await storageOf(t)
  const { later, ...clock } = clocks()
  const ring = await openKeyRing(storage, DEFAULT_SETTINGS, clock)
  const { kid } = ring.signingKey
  const next = generateSigningKey()
  await storage.addNext(next, NOW, NOW + 600)
  const { privateJwk } = storage
  storage.privateJwk = async kid => { if (kid === next.kid) throw new Error('the service is away'); return await privateJwk(kid) }
  for (const [seconds, signs] of [[1, true], [590, true], [10, true], [MARGIN + 1, true], [10, true], [MARGIN + 1, false]] as const) {
    later(seconds)
    // Another process can read it.
    if (clock.time.now > NOW + 601 + MARGIN + 5) await storage.activate(next.kid, clock.time.now)
    await t.rejects(ring.refresh(), { message: 'the service is away' })
    t.equal(ring.jwks().keys.length, 2)
    if (signs) t.equal(ring.signingKey.kid, kid)
    else t.throws(() => ring.signingKey, { code: 'FST_KEYHOLE_SIGNING_UNAVAILABLE' })
  }
  storage.privateJwk = privateJwk
  later(1)
  await ring.refresh()
  t.equal(ring.signingKey.kid, next.kid)
})

t.test('a rotation that fails in the middle → the key before signs on, and the rotation is done when it can be', async t => {
  const storage = await storageOf(t)
  const { later, ...clock } = clocks()
  const ring = await openKeyRing(storage, DEFAULT_SETTINGS, clock)
  const { kid } = ring.signingKey
  const { activate, addNext } = storage
  const next = generateSigningKey()
  await addNext(next, NOW, NOW + 1)
  storage.activate = async () => { throw new Error('the disk is full') }
  for (const seconds of [1, MARGIN + 1]) {
    later(seconds)
    await t.rejects(ring.refresh(), { message: 'the disk is full' })
    t.equal(ring.signingKey.kid, kid)
  }
  storage.activate = activate
  later(1)
  await ring.refresh()
  t.equal(ring.signingKey.kid, next.kid)
})

t.test('a storage that keeps nothing → refused', async t => {
  const storage = { ...await storageOf(t), addActive: async () => {} }
  await t.rejects(openKeyRing(storage), { code: 'FST_KEYHOLE_KEY_REFUSED', message: /does not keep the keys/ })
})

t.test('a stored key that is broken, or whose private part is another\'s → refused by name, nothing of it shown', async t => {
  const key = generateSigningKey()
  const { d } = key.privateJwk
  const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as JWK
  for (const broken of [{ ...key.privateJwk, crv: 'P-384' }, { kty: 'EC', crv: 'P-256', d }, { ...key.privateJwk, d: undefined }, undefined, other]) {
    const storage = await storageOf(t)
    await storage.addActive(key, NOW)
    storage.privateJwk = async () => broken as JWK | undefined
    const error = await openKeyRing(storage).then(() => undefined, error => error)
    t.match(error, { code: 'FST_KEYHOLE_KEY_REFUSED', message: `The key "${key.kid}" is refused: its stored private part cannot be read, or is another key's.` })
    t.notOk(inspect(error).includes(d!))
  }
  const storage = await storageOf(t)
  await storage.addActive({ ...key, alg: 'ES384' }, NOW)
  for (const open of [openKeyRing, readKeyRing]) await t.rejects(open(storage), { code: 'FST_KEYHOLE_KEY_REFUSED', message: /its alg does not fit/ })
})

t.test('a kid that has another key now → the new key', async t => {
  const storage = await storageOf(t)
  const keys = await readKeyRing(storage)
  const [first, second] = [generateSigningKey(), generateSigningKey()]
  await storage.addActive(first, NOW)
  await keys.refresh()
  const before = keys.find(first.kid)
  storage.list = async () => [{ ...second, kid: first.kid, state: 'active', createdAt: NOW, signsFrom: NOW, retiredAt: null, sealing: 'none' }]
  const later = await readKeyRing(storage)
  t.notOk(later.find(first.kid)?.publicKey.equals(before!.publicKey))
})
