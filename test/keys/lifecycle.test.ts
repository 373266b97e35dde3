import fc from 'fast-check'
import t from 'tap'
import { MAX_LIFETIME } from '../../lib/access-token/profile.js'
import { DEFAULT_SETTINGS, dueStep, KEPT, MARGIN } from '../../lib/keys/lifecycle.js'
import type { KeyState, StoredKey } from '../../lib/keys/storage.js'

const NOW = 1_800_000_000
const ROTATED = { ...DEFAULT_SETTINGS, rotateEvery: 86_400 }

function key (state: KeyState, signsFrom: number, retiredAt: number | null = null): StoredKey {
  return { kid: `${state}-${signsFrom}`, alg: 'ES256', publicJwk: { kty: 'EC' }, state, createdAt: signsFrom, signsFrom, retiredAt, sealing: retiredAt === null ? 'none' : null }
}

t.test('no key that signs → one is made, or the next one is taken at once', async t => {
  t.strictSame(dueStep([], DEFAULT_SETTINGS, NOW), { kind: 'create' })
  t.strictSame(dueStep([key('retired', 0, 0)], DEFAULT_SETTINGS, NOW), { kind: 'create' })
  t.strictSame(dueStep([key('next', NOW + 600)], DEFAULT_SETTINGS, NOW), { kind: 'activate', kid: `next-${NOW + 600}` })
})

t.test('E10 a next key → signs from its time on, not a second before', async t => {
  const keys = [key('next', NOW), key('active', 0)]
  t.equal(dueStep(keys, ROTATED, NOW - 1), undefined)
  t.strictSame(dueStep(keys, ROTATED, NOW), { kind: 'activate', kid: `next-${NOW}` })
})

t.test('rotated by time → announced so early that it signs when the time is up; never without', async t => {
  const keys = [key('active', NOW)]
  t.equal(dueStep(keys, ROTATED, NOW + 86_400 - 601), undefined)
  t.strictSame(dueStep(keys, ROTATED, NOW + 86_400 - 600), { kind: 'announce', signsFrom: NOW + 86_400 })
  t.equal(dueStep(keys, DEFAULT_SETTINGS, NOW + 1e9), undefined)
})

t.test('E1 a retired key → kept for the longest life of a token and two margins, then purged', async t => {
  const keys = [key('active', NOW), key('retired', 0, NOW)]
  t.ok(KEPT >= MAX_LIFETIME + 2 * MARGIN)
  t.equal(dueStep(keys, DEFAULT_SETTINGS, NOW + KEPT), undefined)
  t.strictSame(dueStep(keys, DEFAULT_SETTINGS, NOW + KEPT + 1), { kind: 'purge', retiredBefore: NOW + 1 })
})

t.test('E10 a clock that steps back, from anything to anything → never to a retired key', async t => {
  fc.assert(fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 1e6 }), (back, signsFrom) => {
    const keys = [key('active', NOW), key('retired', NOW - signsFrom, NOW)]
    const step = dueStep(keys, ROTATED, NOW + back)
    if (step?.kind === 'activate' || step?.kind === 'create') throw new Error(`it would ${step.kind}`)
  }))
})
