import { generateKeyPairSync } from 'node:crypto'
import { exportJWK, generateSecret, SignJWT } from 'jose'
import t, { type Test } from 'tap'
import { createNonces } from '../../lib/dpop/nonces.js'
import { createProofVerifier, type ProofVerifierOptions, type ProvenRequest } from '../../lib/dpop/proof.js'
import { createReplaysInMemory } from '../../lib/replay/replays-in-memory.js'
import { base64url } from '../access-token/forge.js'
import { ath, prover } from './client.js'

const URL_ = 'https://api.example.com/customers/1'
const NOW = 1_800_000_000
const ada = await prover()
const eve = await prover()

const CLAIMS = { htm: 'GET', htu: URL_, iat: NOW }

function verifier (options: Partial<ProofVerifierOptions> = {}) {
  const now = options.now ?? (() => NOW)
  const verify = createProofVerifier({ replays: createReplaysInMemory(100, now), nonces: undefined, now, ...options })
  return (proof: string | undefined, request: Partial<ProvenRequest> = {}) => verify(proof, { method: 'GET', url: URL_, ...request })
}

const verify = verifier()

async function refused (t: Test, proof: string | undefined, reason: string, what: string = reason, request: Partial<ProvenRequest> = {}): Promise<void> {
  await t.rejects(verify(proof, request), { name: 'InvalidProofError', reason, code: 'invalid_dpop_proof' }, what)
}

t.test('a good proof → the thumbprint of its key', async t => {
  t.equal(await verify(await ada.proof(CLAIMS)), ada.thumbprint)
  for (const alg of ['EdDSA', 'Ed25519']) {
    const other = await prover(alg)
    t.equal(await verify(await other.proof(CLAIMS)), other.thumbprint, alg)
  }
})

t.test('C49 two proofs, commas, spaces, or no JWT → refused', async t => {
  const proof = await ada.proof(CLAIMS)
  const [header, payload, signature] = proof.split('.')
  await refused(t, undefined, 'missing')
  for (const text of ['', `${proof}, ${await ada.proof(CLAIMS)}`, `${proof},`, ` ${proof}`, `${proof} `, `${proof}\n`, `${proof}=`, `${header}.${payload}`, `${header}.${payload}.`, `${proof}.a.b`, JSON.stringify({ protected: header, payload, signature })]) {
    await refused(t, text, 'malformed', text.slice(-40))
  }
})

t.test('C50 a claim that is missing or of another type → refused', async t => {
  for (const name of ['jti', 'htm', 'htu', 'iat']) await refused(t, await ada.proof({ ...CLAIMS, [name]: undefined }), 'claims', name)
  for (const wrong of [{ jti: '' }, { jti: 1 }, { htm: ['GET'] }, { htu: 1 }, { htu: [URL_] }]) await refused(t, await ada.proof({ ...CLAIMS, ...wrong }), 'claims', JSON.stringify(wrong))
  for (const iat of [String(NOW), null, [NOW]]) {
    const input = `${base64url(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: ada.jwk }))}.${base64url(JSON.stringify({ ...CLAIMS, jti: 'x', iat }))}`
    const signature = await crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, ada.privateKey, Buffer.from(input))
    await refused(t, `${input}.${Buffer.from(signature).toString('base64url')}`, 'claims', JSON.stringify(iat))
  }
})

t.test('C51 another typ → refused', async t => {
  for (const typ of ['JWT', 'at+jwt', undefined, null, ['dpop+jwt']]) await refused(t, await ada.proof(CLAIMS, { typ }), 'type', JSON.stringify(typ))
})

t.test('C52 another algorithm → refused', async t => {
  const input = (alg: unknown, jwk: unknown = ada.jwk) => `${base64url(JSON.stringify({ typ: 'dpop+jwt', alg, jwk }))}.${base64url(JSON.stringify({ ...CLAIMS, jti: 'x' }))}`
  for (const alg of ['none', 'HS256', 'RS256', 'es256']) await refused(t, `${input(alg)}.AAAA`, 'algorithm', alg)
  for (const alg of [1, null, ['ES256'], undefined]) await refused(t, `${input(alg)}.AAAA`, 'malformed', JSON.stringify(alg))
  for (const alg of ['ES384', 'PS256']) await refused(t, await (await prover(alg)).proof(CLAIMS), 'algorithm', alg)
})

t.test('C53 a signature by another key than jwk → refused', async t => {
  await refused(t, await eve.proof(CLAIMS, { jwk: ada.jwk }), 'signature')
  await refused(t, (await ada.proof(CLAIMS)).slice(0, -86) + 'A'.repeat(86), 'signature', 'zeroes')
})

t.test('C54 jwk that is private, symmetric, missing, of another use or on no curve → refused', async t => {
  const secret = await generateSecret('HS256', { extractable: true })
  const oct = { kty: 'oct', k: 'c2VjcmV0' }
  await refused(t, await new SignJWT({ ...CLAIMS, jti: 'x' }).setProtectedHeader({ typ: 'dpop+jwt', alg: 'HS256', jwk: oct as never }).sign(secret), 'algorithm', 'oct with HS256')
  const { x, y } = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' })
  const keys = { oct, private: await exportJWK(ada.privateKey), missing: undefined, null: null, list: [ada.jwk], text: JSON.stringify(ada.jwk), enc: { ...ada.jwk, use: 'enc' }, ES384: { ...ada.jwk, alg: 'ES384' }, ops: { ...ada.jwk, key_ops: ['sign'] }, curve: { ...ada.jwk, x, y }, point: { ...ada.jwk, y: ada.jwk.x } }
  for (const [what, jwk] of Object.entries(keys)) await refused(t, await ada.proof(CLAIMS, { jwk }), 'malformed', what)
  await refused(t, await ada.proof(CLAIMS, { jwk: undefined, jku: 'https://evil.example/jwks', kid: 'x' }), 'malformed', 'jku')
})

t.test('an extension that is critical → refused', async t => {
  const input = `${base64url(JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: ada.jwk, crit: ['x'], x: 1 }))}.${base64url(JSON.stringify({ ...CLAIMS, jti: 'x' }))}`
  await refused(t, `${input}.${'A'.repeat(86)}`, 'malformed')
})

t.test('C55 htm of another method, or in lower case → refused', async t => {
  for (const htm of ['POST', 'get', 'HEAD', 'GET ']) await refused(t, await ada.proof({ ...CLAIMS, htm }), 'method', htm)
})

t.test('C56 htu of another URL → refused; in another spelling → accepted', async t => {
  for (const htu of ['https://api.example.com/customers/2', 'https://evil.example.com/customers/1', 'http://api.example.com/customers/1', '/customers/1', 'x', `${URL_}/`]) await refused(t, await ada.proof({ ...CLAIMS, htu }), 'target', htu)
  for (const htu of [`${URL_}?a=b`, `${URL_}#f`, 'HTTPS://API.example.com:443/customers/%31']) t.equal(await verify(await ada.proof({ ...CLAIMS, htu })), ada.thumbprint, htu)
  await refused(t, await ada.proof(CLAIMS), 'target', 'a request that has no URL', { url: undefined })
})

t.test('C58 iat 301 s ago or in the future → refused, the edges accepted', async t => {
  for (const iat of [NOW - 301, NOW - 300.5, NOW + 6, 1e20, -1]) await refused(t, await ada.proof({ ...CLAIMS, iat }), 'time', String(iat))
  for (const iat of [NOW - 300, NOW - 299.5, NOW, NOW + 5]) t.equal(await verify(await ada.proof({ ...CLAIMS, iat })), ada.thumbprint, String(iat))
  await refused(t, await ada.proof({ ...CLAIMS, exp: NOW - 10 }), 'claims', 'what says itself that it expired')
})

t.test('C59 a nonce is demanded: none, another → use_dpop_nonce; the current one → accepted', async t => {
  const nonces = createNonces({ key: 'k'.repeat(32), period: 300, now: () => NOW })
  const verify = verifier({ nonces })
  for (const nonce of [undefined, 'x', '', 1, createNonces({ key: 'k'.repeat(32), period: 300, now: () => NOW - 600 }).current()]) {
    await t.rejects(verify(await ada.proof({ ...CLAIMS, nonce })), { reason: 'nonce', code: 'use_dpop_nonce' }, String(nonce))
  }
  t.equal(await verify(await ada.proof({ ...CLAIMS, nonce: nonces.current() })), ada.thumbprint)
  t.equal(await verifier()(await ada.proof({ ...CLAIMS, nonce: 'x' })), ada.thumbprint, 'where none is demanded it does not matter')
})

t.test('C60 ath missing, of another token, or in another spelling → refused', async t => {
  const token = { text: 'the.access.token', boundTo: ada.thumbprint }
  const good = ath(token.text)
  for (const wrong of [undefined, ath('another'), `${good}=`, Buffer.from(good, 'base64url').toString('hex'), [good], '']) await refused(t, await ada.proof({ ...CLAIMS, ath: wrong }), 'token', String(wrong), { token })
  t.equal(await verify(await ada.proof({ ...CLAIMS, ath: good }), { token }), ada.thumbprint)
})

t.test('C61 a proof of another key than the token is bound to → the token is refused, and nothing is used up', async t => {
  const token = { text: 'the.access.token', boundTo: ada.thumbprint }
  await t.rejects(verify(await eve.proof({ ...CLAIMS, ath: ath(token.text) }), { token }), { name: 'InvalidTokenError', reason: 'possession' })
})

t.test('C64 the same proof twice → refused, for as long as it is good', async t => {
  let time = NOW
  const verify = verifier({ now: () => time })
  const proof = await ada.proof({ ...CLAIMS, iat: NOW + 5 })
  await verify(proof)
  for (const passed of [0, 1, 150, 305]) {
    time = NOW + passed
    await t.rejects(verify(proof), { name: 'InvalidProofError', reason: 'replayed' }, `after ${passed} s`)
  }
  time = NOW + 306
  await t.rejects(verify(proof), { name: 'InvalidProofError', reason: 'time' })
  await t.rejects(verify(proof, { url: 'https://api.example.com/other' }), { name: 'InvalidProofError', reason: 'target' }, 'at another URL')
})

t.test('C64 the same jti of another key → another proof', async t => {
  for (const who of [ada, eve]) t.equal(await verify(await who.proof({ ...CLAIMS, jti: 'shared' })), who.thumbprint)
  await refused(t, await ada.proof({ ...CLAIMS, jti: 'shared' }), 'replayed')
})

t.test('C65 a jti of 1 MB → refused before it is read; one of 4 kB → remembered', async t => {
  await refused(t, await ada.proof({ ...CLAIMS, jti: 'x'.repeat(1_000_000) }), 'malformed')
  const proof = await ada.proof({ ...CLAIMS, jti: 'x'.repeat(4000) })
  t.equal(await verify(proof), ada.thumbprint)
  await refused(t, proof, 'replayed')
})

t.test('C66 members beside those of the key → the same thumbprint', async t => {
  t.equal(await verify(await ada.proof(CLAIMS, { jwk: { use: 'sig', kid: 'x', ...ada.jwk, alg: 'ES256' } })), ada.thumbprint)
})

t.test('E16 nothing more can be remembered → neither accepted nor refused', async t => {
  const verify = verifier({ replays: createReplaysInMemory(1, () => NOW) })
  await verify(await ada.proof(CLAIMS))
  await t.rejects(verify(await ada.proof(CLAIMS)), { name: 'Error', message: /1 identifiers are remembered/ })
})
