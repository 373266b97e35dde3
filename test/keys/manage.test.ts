import t from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'
import { importKey, retireKey, rotateKeys } from '../../lib/keys/manage.js'
import { openStore } from '../../lib/store/open-store.js'

const NOW = 1_800_000_000
const LATER = { announce: 600, now: NOW }
const AT_ONCE = { announce: 0, now: NOW }

t.test('rotated → a next key is made once; without a key, the first one; at once → it signs', async t => {
  const { keys, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  const first = await rotateKeys(keys, 'ES256', LATER)
  t.match(first, { state: 'active', alg: 'ES256' })
  const next = await rotateKeys(keys, 'EdDSA', LATER)
  t.match(next, { state: 'next', alg: 'EdDSA', signsFrom: NOW + 600 })
  t.strictSame(await rotateKeys(keys, 'ES256', LATER), next)
  t.match(await rotateKeys(keys, 'ES256', AT_ONCE), { kid: next.kid, state: 'active', signsFrom: NOW })
  t.match(await rotateKeys(keys, 'ES256', AT_ONCE), { state: 'active', alg: 'ES256' })
  t.strictSame((await keys.list()).map(({ state }) => state), ['active', 'retired', 'retired'])
})

t.test('imported → the next one, or the first; twice, or beside another next one → refused', async t => {
  const { keys, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  const [first, second, third] = [generateSigningKey(), generateSigningKey(), generateSigningKey()]
  t.match(await importKey(keys, first, LATER), { kid: first.kid, state: 'active' })
  t.match(await importKey(keys, second, LATER), { kid: second.kid, state: 'next', signsFrom: NOW + 600 })
  await t.rejects(importKey(keys, first, LATER), { code: 'FST_KEYHOLE_KEY_REFUSED', message: /a key of this kid is in the store already/ })
  await t.rejects(importKey(keys, third, AT_ONCE), { code: 'FST_KEYHOLE_KEY_REFUSED', message: /another key is the next one already/ })
  await keys.activate(second.kid, NOW)
  t.match(await importKey(keys, third, AT_ONCE), { kid: third.kid, state: 'active' })
})

t.test('E8 retired → gone, and another signs; an unknown one → refused with those that there are', async t => {
  const { keys, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  await t.rejects(retireKey(keys, 'x', 'ES256', NOW), { code: 'FST_KEYHOLE_KEY_REFUSED', message: 'The key "x" is refused: there is no such key. There are none.' })
  const { kid } = await rotateKeys(keys, 'ES256', LATER)
  await t.rejects(retireKey(keys, 'x', 'ES256', NOW), { message: `The key "x" is refused: there is no such key. There are ${kid}.` })
  const signs = await retireKey(keys, kid, 'EdDSA', NOW)
  t.match(signs, { state: 'active', alg: 'EdDSA' })
  t.strictSame(await keys.list(), [signs])
})
