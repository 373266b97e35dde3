import t from 'tap'
import { createNonces } from '../../lib/dpop/nonces.js'
import { checkedNonces, openNonces } from '../../lib/dpop/options.js'

t.test('E15 a nonce made by one process → accepted by another with the key, for one period more, and then not', async t => {
  let time = 1_800_000_000
  const now = () => time
  const key = 'k'.repeat(32)
  const one = createNonces({ key, period: 300, now })
  const other = createNonces({ key, period: 300, now: () => time - 20 })
  const nonce = one.current()
  t.match(nonce, /^[A-Za-z0-9_-]{43}$/)
  t.equal(other.accepts(nonce), true, 'also where the clock is behind')
  time += 300
  t.not(one.current(), nonce)
  t.equal(one.accepts(nonce), true)
  t.equal(other.accepts(nonce), true)
  time += 300
  t.equal(one.accepts(nonce), false)
})

t.test('E15 a forged nonce, or one of another key or period → refused', async t => {
  const nonces = createNonces({ key: 'k'.repeat(32), period: 300, now: () => 1_800_000_000 })
  for (const other of [createNonces({ key: 'l'.repeat(32), period: 300, now: () => 1_800_000_000 }), createNonces({ key: 'k'.repeat(32), period: 301, now: () => 1_800_000_000 })]) {
    t.equal(nonces.accepts(other.current()), false)
  }
  for (const forged of ['', undefined, null, 1, [nonces.current()], nonces.current().slice(1)]) t.equal(nonces.accepts(forged), false)
})

t.test('the options → whole seconds, a long key, and a key where there is no store', async t => {
  const invalid = (message: RegExp) => ({ code: 'FST_KEYHOLE_OPTION_INVALID', message })
  for (const nonce of [0, 9, 3601, 10.5, NaN, '300', null]) t.throws(() => checkedNonces({ nonce: nonce as never }, true), invalid(/^dpop\.nonce: /))
  for (const nonceKey of ['short', 32, null]) t.throws(() => checkedNonces({ nonceKey: nonceKey as never }, true), invalid(/^dpop\.nonceKey: /))
  t.throws(() => checkedNonces({ nonce: true }, false), invalid(/^dpop\.nonceKey: .* no store/))
  t.strictSame(checkedNonces({}, false), { period: undefined, key: undefined })
  t.equal(checkedNonces({ nonce: true }, true).period, 300)
  t.equal(await openNonces(checkedNonces({ nonce: false }, false), undefined), undefined)
  const key = 'k'.repeat(32)
  const nonces = await openNonces(checkedNonces({ nonce: 10, nonceKey: key }, false), undefined)
  t.equal(nonces?.accepts(createNonces({ key, period: 10 }).current()), true)
})
