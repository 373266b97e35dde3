import t from 'tap'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { base64url, claims, forge, keyPair, keysOf, publicPem, refused, signature, verifierOf } from './forge.js'

const key = keyPair('k1')
const rsa = keyPair('rsa', 'RS256')
const { verify } = verifierOf(keysOf(key, rsa))
const payload = base64url(JSON.stringify(claims()))

/** Header and payload with this `alg`, not signed yet. */
function unsigned (alg: unknown, kid: string | undefined = 'k1') {
  return base64url(JSON.stringify({ alg, typ: 'at+jwt', kid })) + '.' + payload
}

/** A good token with another signature. */
function signedWith (bytes: Buffer | string) {
  return unsigned('ES256') + '.' + base64url(bytes)
}

t.test('A1 alg none, empty signature → refused', async t => {
  await refused(t, verify, unsigned('none') + '.', 'malformed')
  await refused(t, verifierOf(keysOf(key)).verify, unsigned('none', undefined) + '.', 'malformed', 'without kid')
})

t.test('A2 alg None, NONE, nOnE; ES256 in other letters → refused', async t => {
  for (const alg of ['None', 'NONE', 'nOnE', 'es256', 'Es256', 'ES256 ']) {
    await refused(t, verify, unsigned(alg) + '.' + base64url(signature('ES256', key.privateKey, unsigned(alg))), 'algorithm', alg)
  }
})

t.test('A3 alg none with a signature, even a good one → refused', async t => {
  await refused(t, verify, unsigned('none') + '.AAAA', 'algorithm')
  await refused(t, verify, forge({ key, header: { alg: 'none' } }), 'algorithm')
})

t.test('A4 alg that is not the one of the key, missing or no string → refused', async t => {
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  const es384 = unsigned('ES384')
  await refused(t, verify, es384 + '.' + base64url(signature('ES384', p384.privateKey, es384)), 'algorithm', 'ES384')
  const rs256 = unsigned('RS256')
  await refused(t, verify, rs256 + '.' + base64url(signature('RS256', rsa.privateKey, rs256)), 'algorithm', 'RS256')
  for (const alg of ['HS256', 'RS256', 'PS256', 'ES384', 'ES512', 'EdDSA', 'ES256K', undefined, null, 256, ['ES256'], { ES256: 1 }]) {
    await refused(t, verify, forge({ key, header: { alg } }), 'algorithm', JSON.stringify(alg))
  }
})

t.test('A5 HS256 with the public PEM as secret → refused', async t => {
  for (const pair of [key, rsa]) {
    for (const secret of [publicPem(pair), publicPem(pair).trim(), pair.publicKey.export({ format: 'der', type: 'spki' })]) {
      const input = unsigned('HS256', pair.kid)
      await refused(t, verify, input + '.' + createHmac('sha256', secret).update(input).digest('base64url'), 'algorithm')
    }
  }
})

t.test('A7 HS256 with the public JWK as secret → refused', async t => {
  const input = unsigned('HS256')
  const jwk = JSON.stringify(key.publicKey.export({ format: 'jwk' }))
  await refused(t, verify, input + '.' + createHmac('sha256', jwk).update(input).digest('base64url'), 'algorithm')
})

t.test('A8 unknown kid, token made with an empty secret → refused', async t => {
  const input = unsigned('HS256', 'nobody')
  await refused(t, verify, input + '.' + createHmac('sha256', '').update(input).digest('base64url'), 'key')
})

t.test('A10 RSA key pinned to RS256: PS256, PS512, RS512 by the same key → refused', async t => {
  await t.resolves(async () => verify(forge({ key: rsa })))
  for (const alg of ['PS256', 'PS384', 'PS512', 'RS384', 'RS512']) {
    const input = unsigned(alg, 'rsa')
    await refused(t, verify, input + '.' + base64url(signature(alg, rsa.privateKey, input)), 'algorithm', alg)
    const mislabelled = unsigned('RS256', 'rsa')
    await refused(t, verify, mislabelled + '.' + base64url(signature(alg, rsa.privateKey, mislabelled)), 'signature', `${alg} called RS256`)
  }
})

t.test('A14 header jwk with the attacker\'s key, signed by it → refused, header ignored', async t => {
  const attacker = keyPair('k1')
  const jwk = { ...attacker.publicKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' }
  await refused(t, verify, forge({ key: attacker, header: { jwk } }), 'signature')
  await refused(t, verify, forge({ key: attacker, header: { jwk, kid: undefined } }), 'key')
  await refused(t, verifierOf(keysOf(key)).verify, forge({ key: attacker, header: { jwk, kid: undefined } }), 'signature')
  t.match(await verify(forge({ key, header: { jwk } })), { claims: claims() }, 'and a good signature is not looked up in it either')
})

t.test('A15, A16 header jku, x5u, x5c → refused, no request made', async t => {
  const attacker = keyPair('evil')
  let requests = 0
  const server = createServer((_request, response) => {
    requests++
    response.end(JSON.stringify({ keys: [{ ...attacker.publicKey.export({ format: 'jwk' }), kid: 'evil' }] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
  const certificate = attacker.publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
  for (const header of [{ jku: url }, { x5u: url }, { x5c: [certificate] }]) {
    await refused(t, verify, forge({ key: attacker, header }), 'key', Object.keys(header)[0])
    await refused(t, verify, forge({ key: attacker, header: { ...header, kid: 'k1' } }), 'signature')
  }
  t.equal(requests, 0)
})

t.test('A27 signature of zeros, or at the edges of the curve\'s order → refused', async t => {
  const order = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
  const zero = '00'.repeat(32)
  const one = '01'.padStart(64, '0')
  for (const [r, s] of [[zero, zero], [zero, one], [one, zero], [order, order], [order, one], [one, order], ['ff'.repeat(32), 'ff'.repeat(32)]]) {
    await refused(t, verify, signedWith(Buffer.from(`${r}${s}`, 'hex')), 'signature')
  }
})

t.test('A28 ES256 signature as DER, of 3, 63, 65 or 128 bytes → refused', async t => {
  await refused(t, verify, signedWith(sign('sha256', Buffer.from(unsigned('ES256')), key.privateKey)), 'signature', 'DER')
  const good = signature('ES256', key.privateKey, unsigned('ES256'))
  for (const bytes of [Buffer.alloc(3, 1), good.subarray(0, 63), Buffer.concat([good, Buffer.alloc(1)]), Buffer.concat([good, good])]) {
    await refused(t, verify, signedWith(bytes), 'signature', `${bytes.length} bytes`)
  }
  await t.resolves(async () => verify(signedWith(good)), 'as it should be')
})

t.test('A29 empty signature → refused', async t => {
  await refused(t, verify, unsigned('ES256') + '.', 'malformed')
  await refused(t, verify, unsigned('RS256', 'rsa') + '.', 'malformed')
})

t.test('A30 signature of another token of the same key → refused', async t => {
  const [header, , mine] = forge({ key }).split('.')
  const [, others, theirs] = forge({ key, claims: claims({ sub: 'admin', scope: 'profile banking' }) }).split('.')
  await refused(t, verify, `${header}.${others}.${mine}`, 'signature')
  await refused(t, verify, `${header}.${payload}.${theirs}`, 'signature')
})

t.test('A34, A35 the same signature written otherwise → the same claims or refused', async t => {
  const token = forge({ key })
  const good = Buffer.from(token.split('.')[2] as string, 'base64url')
  const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551')
  const s = BigInt('0x' + good.subarray(32).toString('hex'))
  const twin = Buffer.concat([good.subarray(0, 32), Buffer.from((order - s).toString(16).padStart(64, '0'), 'hex')])
  t.strictSame((await verify(unsigned('ES256') + '.' + base64url(twin))).claims, claims(), 'r, n - s')

  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const last = alphabet.indexOf(token.at(-1) as string)
  for (const low of [1, 2, 3]) {
    const other = token.slice(0, -1) + alphabet[last ^ low]
    t.strictSame((await verify(other)).claims, claims(), `unused bits ${low}`)
  }
})
