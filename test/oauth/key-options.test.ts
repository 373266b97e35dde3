import t from 'tap'
import { checkedKeys, keySetMaxAge, type KeyOptions } from '../../lib/oauth/key-options.js'

t.test('keys → as written, with defaults', async t => {
  t.strictSame(checkedKeys(), { algorithm: 'ES256', rotateEvery: undefined, announce: 600 })
  t.strictSame(checkedKeys({ algorithm: 'PS256', rotateEvery: 86_400 }), { algorithm: 'PS256', rotateEvery: 86_400, announce: 600 })
})

t.test('E1 the key set → kept by others for half of the time for which a key is announced, five minutes at most', async t => {
  for (const [announce, maxAge] of [[2, 1], [5, 2], [600, 300], [86_400, 300]] as const) t.equal(keySetMaxAge(checkedKeys({ announce })), maxAge)
})

t.test('wrong ones → refused by name', async t => {
  const wrong: [unknown, RegExp][] = [
    [null, /^keys: write an object/],
    ['ES256', /^keys: write an object/],
    [{ alg: 'ES256' }, /^keys\.alg: there is no such member; there are algorithm, rotateEvery and announce/],
    [{ algorithm: 'Ed25519' }, /^keys\.algorithm: write ES256, EdDSA, RS256, PS256\.$/],
    [{ announce: 1 }, /^keys\.announce: write a whole number of seconds, 2 or more/],
    [{ announce: 2.5 }, /^keys\.announce/],
    [{ rotateEvery: 1199 }, /^keys\.rotateEvery: write a whole number of seconds, 1200 or more/],
    [{ rotateEvery: '90 d' }, /^keys\.rotateEvery/]
  ]
  for (const [options, message] of wrong) t.throws(() => checkedKeys(options as KeyOptions), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(options))
})
