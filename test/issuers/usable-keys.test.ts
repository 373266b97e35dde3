import { generateKeyPairSync } from 'node:crypto'
import t from 'tap'
import type { JWK } from '../../lib/keys/jwk.js'
import { usableKeys } from '../../lib/issuers/usable-keys.js'
import { keyPair } from '../access-token/forge.js'
import { jwksOf } from './issuer-server.js'

const [good] = jwksOf(keyPair('good')).keys as [JWK]
const [rsa] = jwksOf(keyPair('rsa', 'RS256')).keys as [JWK]
const none = new Map()

function usable (...keys: unknown[]) {
  const { keys: usable, refused } = usableKeys({ keys: [...keys, good] }, none)
  return { kids: [...usable.values()].map(({ kid }) => kid), refused }
}

t.test('A20 A22 A23 A24 a bad key among good ones → refused and told of, the others hold', async t => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).publicKey.export({ format: 'jwk' })
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  const bad: readonly (readonly [unknown, RegExp])[] = [
    [{ kty: 'oct', k: 'c2VjcmV0', kid: 'oct', alg: 'HS256' }, /"oct" is refused: keys of type oct are not taken/],
    [{ ...good, kid: 'private', d: 'AAAA' }, /"private" is refused: it is a private key/],
    [{ ...good, kid: 'curve', x: good.y, y: good.x }, /"curve" is refused: its x, y are no key/],
    [{ ...rsa, kid: 'e1', e: 'AQ' }, /"e1" is refused: its RSA exponent/],
    [{ ...rsa, kid: 'e2', e: 'Ag' }, /"e2" is refused: its RSA exponent/],
    [{ ...weak, kid: 'weak' }, /"weak" is refused: RSA of 1024 bits/],
    [{ ...p384, kid: 'p384' }, /"p384" is refused: keys of type EC P-384/],
    [{ ...good, kid: 'alg', alg: 'ES512' }, /"alg" is refused: its alg does not fit/],
    [{ ...good, kid: 'ops', key_ops: ['sign'] }, /"ops" is refused: its key_ops lack/],
    [null, /it is not a JSON object/],
    ['x', /is refused/]
  ]
  for (const [jwk, reason] of bad) {
    const { kids, refused } = usable(jwk)
    t.strictSame(kids, ['good'])
    t.equal(refused.length, 1)
    t.match(refused[0], reason)
  }
  t.notMatch(usable(bad[0]![0], bad[1]![0]).refused.join(), /c2VjcmV0|AAAA/)
})

t.test('A20 a key for encryption → left out without a word', async t => {
  t.strictSame(usable({ ...rsa, use: 'enc', alg: 'RSA-OAEP' }), { kids: ['good'], refused: [] })
})

t.test('A19 keys of one kid → both hold if their algorithms differ, none of one algorithm', async t => {
  t.strictSame(usable({ ...rsa, kid: 'good' }), { kids: ['good', 'good'], refused: [] })
  const twins = usable({ ...rsa, kid: 'a' }, { ...jwksOf(keyPair('a', 'RS256')).keys[0] })
  t.strictSame(twins.kids, ['good'])
  t.strictSame(twins.refused, Array(2).fill('The kid "a" is refused: it stands on several keys of one algorithm.'))
})

t.test('A18 a key without kid → the only one, or none', async t => {
  const { kid, ...nameless } = good
  t.equal(usableKeys({ keys: [nameless] }, none).keys.size, 1)
  t.strictSame(usable(nameless), { kids: ['good'], refused: ['A key without kid among several is refused: no token can name it.'] })
})

t.test('a key that was there before → the same object', async t => {
  const { keys } = usableKeys({ keys: [good] }, none)
  const { keys: later } = usableKeys({ keys: [rsa, good] }, keys)
  t.equal([...later.values()].find(({ kid }) => kid === 'good'), [...keys.values()][0])
})

t.test('E7 E37 no set, an empty one, one with nothing to use, one of 101 keys → an error', async t => {
  for (const document of [null, undefined, 'x', 1, [], {}, { keys: {} }, { keys: 'x' }]) t.throws(() => usableKeys(document, none), { message: 'the answer is no JWK Set' })
  t.throws(() => usableKeys({ keys: [] }, none), { message: 'the key set has no key that can be used' })
  t.throws(() => usableKeys({ keys: [{ kty: 'oct' }] }, none), { message: /has no key that can be used\nThe key without kid is refused/ })
  t.throws(() => usableKeys({ keys: Array(101).fill(good) }, none), { message: 'the key set has 101 keys; up to 100 are read' })
})

t.test('a kid of many characters → shortened in what is told', async t => {
  for (const reason of usable({ ...rsa, kid: 'x'.repeat(9999), d: 'A' }).refused) t.ok(reason.length <= 200)
  for (const reason of usable({ ...rsa, kid: 'x'.repeat(9999) }, { ...rsa, n: rsa.n, kid: 'x'.repeat(9999), x: 1 }).refused) t.ok(reason.length <= 200)
})
