import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import type { JWK } from '../../lib/keys/jwk.js'
import { findIn, keySet } from '../../lib/keys/key-set.js'
import { verificationKey } from '../../lib/keys/verification-key.js'

function key (members: object = {}): JWK {
  return { ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }), ...members } as JWK
}

t.test('A18 one key → found by its kid, and by none at all', async t => {
  const keys = keySet({ keys: [key({ kid: 'a' })] })
  t.equal(keys.find('a')?.kid, 'a')
  t.equal(keys.find(undefined), keys.find('a'))
  t.equal(keys.find('b'), undefined)
  t.equal(keys.find(''), undefined)
  await keys.refresh()
  t.equal(keys.find('a')?.kid, 'a')
})

t.test('one key without kid → found by none only', async t => {
  const keys = keySet({ keys: [key()] })
  t.ok(keys.find(undefined))
  t.equal(keys.find('undefined'), undefined)
})

t.test('A18 several keys → each by its kid alone', async t => {
  const keys = keySet({ keys: [key({ kid: 'a' }), key({ kid: 'b' })] })
  t.equal(keys.find('a')?.kid, 'a')
  t.equal(keys.find('b')?.kid, 'b')
  t.equal(keys.find(undefined), undefined)
})

t.test('names of Object.prototype as kid → not found', async t => {
  const keys = keySet({ keys: [key({ kid: 'a' })] })
  for (const kid of ['__proto__', 'constructor', 'toString']) t.equal(keys.find(kid), undefined)
})

t.test('bad keys among good ones → the whole set is refused, each bad one listed', async t => {
  const jwks = { keys: [key({ kid: 'good' }), key({ kid: 'enc', use: 'enc' }), key({ kid: 'priv', d: 'AAAA' }), null as unknown as JWK] }
  t.throws(() => keySet(jwks), {
    code: 'FST_KEYHOLE_KEY_REFUSED',
    message: [
      'The key "enc" is refused: its use is not "sig".',
      'The key "priv" is refused: it is a private key; only its public members belong here.',
      'A key is refused: it is not a JSON object.'
    ].join('\n')
  })
})

t.test('A19 a kid that stands twice → refused', async t => {
  t.throws(() => keySet({ keys: [key({ kid: 'a' }), key({ kid: 'a' }), key({ kid: 'b' })] }), {
    code: 'FST_KEYHOLE_KEY_REFUSED', message: 'The kid "a" is refused: it stands on several keys.'
  })
})

t.test('a key without kid among several → refused', async t => {
  t.throws(() => keySet({ keys: [key({ kid: 'a' }), key(), key()] }), {
    code: 'FST_KEYHOLE_KEY_REFUSED', message: 'A key without kid among several is refused: no token can name it.'
  })
})

t.test('an empty set, or no set → refused, saying what to write', async t => {
  for (const jwks of [{ keys: [] }, {}, { keys: {} }, undefined, null, 'https://auth.example.com/jwks', [key()]]) {
    t.throws(() => keySet(jwks as never), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^jwks: write a JWK Set/ })
  }
})

t.test('A19 keys of one kid and different algorithms → the one that alg names; another alg → a key that will refuse it', async t => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ format: 'jwk' }) as JWK
  const keys = [verificationKey(key({ kid: 'a' })), verificationKey({ ...rsa, kid: 'a' }), verificationKey({ ...rsa, kid: 'a', alg: 'PS256' }), verificationKey(key({ kid: 'b' }))]
  const find = findIn(keys)
  for (const alg of ['ES256', 'RS256', 'PS256']) t.equal(find('a', alg)?.alg, alg)
  t.ok(find('a', 'HS256'))
  t.not(find('a', 'HS256')?.alg, 'HS256')
  t.equal(find('b', 'ES256')?.kid, 'b')
  t.equal(find('c', 'ES256'), undefined)
})
