import t from 'tap'
import { AUDIENCE, base64url, claims, forge, keyPair, NOW, refused } from '../access-token/forge.js'
import { jwksOf, logOf, serveIssuer } from './issuer-server.js'
import { createForeignIssuers, type ForeignIssuers } from '../../lib/issuers/foreign-issuers.js'

const A = 'https://a.example.com'
const B = 'https://b.example.com/'

const ofA = keyPair('k1')
const ofB = keyPair('k1', 'RS256')

const { log } = logOf()
const issuers = await createForeignIssuers({ issuers: [{ issuer: A, jwks: jwksOf(ofA) }, { issuer: B, jwks: jwksOf(ofB) }], log, now: () => NOW })

function verifying (demands = {}, of: ForeignIssuers = issuers) {
  return (jwt: string) => of.verify(jwt, { audience: AUDIENCE, ...demands })
}

const verify = verifying()

t.test('a JWT of each issuer → its claims and header, whatever its type', async t => {
  for (const [issuer, key] of [[A, ofA], [B, ofB]] as const) {
    for (const typ of ['JWT', 'at+jwt', undefined]) {
      const verified = await verify(forge({ key, header: { typ }, claims: claims({ iss: issuer }) }))
      t.strictSame(verified, { issuer, claims: claims({ iss: issuer }), header: { alg: key.alg, ...(typ !== undefined && { typ }), kid: 'k1' } })
      t.ok(Object.isFrozen(verified) && Object.isFrozen(verified.claims) && Object.isFrozen(verified.header))
    }
  }
})

t.test('A26 iss of one issuer, key of the other, one kid → refused', async t => {
  await refused(t, verify, forge({ key: ofA, claims: claims({ iss: B }) }), 'algorithm')
  await refused(t, verify, forge({ key: ofB, claims: claims({ iss: A }) }), 'algorithm')
  const both = verifying({}, await createForeignIssuers({ issuers: [{ issuer: A, jwks: jwksOf(ofA) }, { issuer: B, jwks: jwksOf(keyPair('k1')) }], log, now: () => NOW }))
  t.match(await both(forge({ key: ofA, claims: claims({ iss: A }) })), { issuer: A })
  await refused(t, both, forge({ key: ofA, claims: claims({ iss: B }) }), 'signature')
})

t.test('an iss that is none of the issuers, or no text → refused', async t => {
  for (const iss of [undefined, null, 'https://c.example.com', A + '/', B.slice(0, -1), 'https://A.example.com', [A], { a: A }, '__proto__', '']) {
    await refused(t, verify, forge({ key: ofA, claims: claims({ iss }) }), 'issuer', JSON.stringify(iss))
  }
})

t.test('A14 A15 A16 a key, or its address, in the header → not looked at', async t => {
  const { publicKey, ...attacker } = keyPair('k1')
  const header = { jwk: publicKey.export({ format: 'jwk' }), jku: 'https://evil.example/jwks', x5u: 'https://evil.example/x5u', x5c: ['AAAA'] }
  await refused(t, verify, forge({ key: { ...attacker, publicKey }, header, claims: claims({ iss: A }) }), 'signature')
})

t.test('A21 another algorithm than the key has → refused', async t => {
  for (const alg of ['none', 'ES384', 'HS256', 'RS256', 'es256', null, undefined]) {
    await refused(t, verify, forge({ key: ofA, header: { alg }, claims: claims({ iss: A }) }), 'algorithm', String(alg))
  }
})

t.test('what is no JWT → refused before any key is looked for', async t => {
  for (const text of ['', 'a.b', 'a.b.c.d.e', `${base64url('{}')}.${base64url('[]')}.AAAA`]) await refused(t, verify, text, 'malformed', text)
  await refused(t, verify, 'A'.repeat(8193), 'size')
  await refused(t, verify, forge({ key: ofA, header: { crit: ['exp'] }, claims: claims({ iss: A }) }), 'critical')
})

t.test('aud → exactly the one that is wanted, alone or among others', async t => {
  t.match(await verify(forge({ key: ofA, claims: claims({ iss: A, aud: ['other', AUDIENCE] }) })), { issuer: A })
  for (const aud of [AUDIENCE + '/', AUDIENCE.toUpperCase(), ['other']]) await refused(t, verify, forge({ key: ofA, claims: claims({ iss: A, aud }) }), 'audience', String(aud))
  for (const aud of [undefined, null, '', [], [AUDIENCE, 1], [[AUDIENCE]], {}]) await refused(t, verify, forge({ key: ofA, claims: claims({ iss: A, aud }) }), 'claims', JSON.stringify(aud))
})

t.test('times → exp must be there, iat and nbf may; a tolerance of five seconds', async t => {
  const at = (changes: object) => forge({ key: ofA, claims: claims({ iss: A, ...changes }) })
  for (const good of [{ exp: NOW - 4 }, { iat: undefined }, { iat: NOW + 5, exp: NOW + 60 }, { nbf: NOW + 5 }, { exp: NOW + 0.5 }, { iat: undefined, exp: NOW + 86_400 }]) t.match(await verify(at(good)), { issuer: A })
  await refused(t, verify, at({ exp: NOW - 5 }), 'expired')
  await refused(t, verify, at({ nbf: NOW + 6 }), 'early')
  await refused(t, verify, at({ iat: NOW + 6 }), 'early')
  await refused(t, verify, at({ exp: NOW + 86_401 }), 'lifetime')
  await refused(t, verify, at({ iat: undefined, exp: NOW * 1000 }), 'lifetime')
  for (const bad of [{ exp: undefined }, { exp: null }, { exp: '1' }, { nbf: '1' }, { iat: [] }]) await refused(t, verify, at(bad), 'claims', JSON.stringify(bad))
  await refused(t, verify, forge({ key: ofA, rawClaims: JSON.stringify(claims({ iss: A })).replace(/"exp":\d+/, '"exp":1e400') }), 'claims')
})

t.test('a claim that is wanted → there, as a text', async t => {
  const wanting = verifying({ requiredClaims: ['sub', 'jti'] })
  t.match(await wanting(forge({ key: ofA, claims: claims({ iss: A }) })), { issuer: A })
  for (const jti of [undefined, '', 1, null]) await refused(t, wanting, forge({ key: ofA, claims: claims({ iss: A, jti }) }), 'claims')
  await refused(t, verifying({ requiredClaims: ['constructor'] }), forge({ key: ofA, claims: claims({ iss: A }) }), 'claims')
})

t.test('no clock given → the time of this machine', async t => {
  const iat = Math.floor(Date.now() / 1000)
  const now = await createForeignIssuers({ issuers: [{ issuer: A, jwks: jwksOf(ofA) }], log })
  t.match(await verifying({}, now)(forge({ key: ofA, claims: claims({ iss: A, iat, exp: iat + 60 }) })), { issuer: A })
})

t.test('keys on a socket → found, until it is closed', async t => {
  const server = await serveIssuer(t, ofA)
  const served = await createForeignIssuers({ issuers: [{ issuer: server.url }], log, now: () => NOW })
  t.match(await verifying({}, served)(forge({ key: ofA, claims: claims({ iss: server.url }) })), { issuer: server.url })
  served.close()
})

t.test('A15 E7 an issuer that is down → neither verified nor refused; nobody else is asked', async t => {
  const trap = await serveIssuer(t, ofA)
  const down = await createForeignIssuers({ issuers: [{ issuer: 'http://127.0.0.1:1' }], log, now: () => NOW })
  const header = { jku: `${trap.url}/jwks`, x5u: `${trap.url}/jwks` }
  await t.rejects(verifying({}, down)(forge({ key: ofA, header, claims: claims({ iss: 'http://127.0.0.1:1' }) })), { name: 'TypeError' })
  t.strictSame(trap.asked, [])
  down.close()
})

t.test('wrong issuers → refused, naming the place and what to write', async t => {
  const make = (issuers: unknown) => createForeignIssuers({ issuers: issuers as never, log })
  for (const issuers of [undefined, [], {}, 'https://a.example.com']) await t.rejects(make(issuers), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^trustedIssuers: write a list/ })
  for (const issuer of [undefined, 'a', 'http://a.example.com', 'https://a.example.com?x', 'https://a.example.com#', 'https://u:p@a.example.com', 'https://u@a.example.com', ' https://a.example.com', 'ftp://localhost']) {
    await t.rejects(make([{ issuer: A, jwks: jwksOf(ofA) }, { issuer }]), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^trustedIssuers\[1\]\.issuer: write/ }, String(issuer))
  }
  await t.rejects(make([null]), { code: 'FST_KEYHOLE_OPTION_INVALID' })
  await t.rejects(make([{ issuer: A, jwks: jwksOf(ofA) }, { issuer: A, jwks: jwksOf(ofA) }]), { message: `trustedIssuers: '${A}' stands there twice; write it once.` })
  const refusedAs = (member: string, change: object) => t.rejects(make([{ issuer: A, ...change }]), { code: 'FST_KEYHOLE_OPTION_INVALID', message: new RegExp(`^trustedIssuers\\[0\\]\\.${member}: `) }, JSON.stringify(change))
  for (const jwks of ['keys.json', 'http://a.example.com/keys', 'https://u:p@a.example.com/keys', 1, null, true]) await refusedAs('jwks', { jwks })
  for (const jwksOrigin of ['a.example.com', 'https://keys.example.com/', 'http://keys.example.com', 1, null]) await refusedAs('jwksOrigin', { jwksOrigin })
  await refusedAs('jwksOrigin', { jwks: jwksOf(ofA), jwksOrigin: 'https://keys.example.com' })
  await refusedAs('audience', { audience: AUDIENCE })
  await t.rejects(make([{ issuer: A, jwks: { keys: [] } }]), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^jwks: write a JWK Set/ })
  await t.resolves(make([{ issuer: 'http://127.0.0.1:8080/realms/a', jwks: jwksOf(ofA) }]))
})
