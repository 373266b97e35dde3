import t from 'tap'
import { signatureCheckOf, signerOf } from '../../lib/access-token/jwt.js'
import { claims, forge, keyPair, refused, verifierOf } from './forge.js'

t.test('a key is prepared once → a promise first, the same function at once from then on', async t => {
  const key = keyPair('k1')
  const [first, second] = [signatureCheckOf(key), signatureCheckOf(key)]
  t.ok(first instanceof Promise)
  t.equal(second, first, 'asked for twice, prepared once')
  t.equal(await first, signatureCheckOf(key))
  const signer = signerOf(key)
  t.ok(signer instanceof Promise)
  t.equal(await signer, signerOf(key))
})

t.test('a signed token → its own claims and times, whatever this machine\'s clock says', async t => {
  const key = keyPair('k1')
  const sign = await signerOf(key)
  const check = await signatureCheckOf(key)
  for (const own of [claims({ iat: 10, exp: 20 }), claims({ iat: 9e9, exp: 9e9 + 10, nbf: 9e9 })]) {
    const token = sign(own)
    t.strictSame(JSON.parse(Buffer.from(token.split('.')[1] as string, 'base64url').toString()), own)
    t.doesNotThrow(() => check(token))
  }
})

t.test('a key that does not fit its algorithm → no signer, and every token of it is refused', async t => {
  const key = { ...keyPair('k1', 'RS256'), alg: 'ES256' as const }
  await t.rejects(async () => signerOf(key))
  const { verify } = verifierOf({ find: () => key, refresh: async () => {} })
  const token = forge({ key: keyPair('k1') })
  await refused(t, verify, token, 'key')
  await refused(t, verify, token, 'key', 'and again')
})
