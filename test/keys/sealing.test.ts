import { randomBytes } from 'node:crypto'
import { mock } from 'node:test'
import { inspect } from 'node:util'
import { decodeProtectedHeader } from 'jose'
import fc from 'fast-check'
import t from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'
import { createSealer, type KeyEncryption, type KeyWrap } from '../../lib/keys/sealing.js'

const { kid, privateJwk } = generateSigningKey()
const secret = privateJwk.d!
const keyOf = (encoding: BufferEncoding) => randomBytes(32).toString(encoding)
const reverse = (text: string) => [...text].reverse().join('')
const BACKWARDS: KeyWrap = { wrap: text => reverse(text), unwrap: async text => reverse(text) }

t.test('E11 sealed with a key → a JWE by AES-256-GCM that names the key, and gives it back', async t => {
  for (const encoding of ['base64', 'base64url'] as const) {
    const sealer = createSealer(keyOf(encoding))
    const sealed = await sealer.seal(kid, privateJwk)
    t.equal(sealed.sealing, 'jwe')
    t.strictSame(decodeProtectedHeader(sealed.text), { alg: 'dir', enc: 'A256GCM', cty: 'jwk+json', kid })
    t.notOk(Buffer.from(sealed.text, 'base64url').includes(secret))
    t.not((await sealer.seal(kid, privateJwk)).text, sealed.text, 'never the same twice')
    t.strictSame(await sealer.open(kid, sealed), { privateJwk, isOutdated: false })
  }
})

t.test('a key before, in a list → opens, and what it sealed is outdated', async t => {
  const [before, now] = [keyOf('base64'), keyOf('base64')]
  const old = await createSealer(before).seal(kid, privateJwk)
  const sealer = createSealer([now, before])
  t.strictSame(await sealer.open(kid, old), { privateJwk, isOutdated: true })
  t.strictSame(await createSealer(now).open(kid, await sealer.seal(kid, privateJwk)), { privateJwk, isOutdated: false })
})

t.test('not encrypted so far → read, and outdated where it shall be encrypted', async t => {
  const open = await createSealer(undefined).seal(kid, privateJwk)
  t.strictSame(open, { sealing: 'none', text: JSON.stringify(privateJwk) })
  t.strictSame(await createSealer(undefined).open(kid, open), { privateJwk, isOutdated: false })
  for (const encryption of [keyOf('base64'), BACKWARDS]) t.strictSame(await createSealer(encryption).open(kid, open), { privateJwk, isOutdated: true })
})

t.test('wrap and unwrap → theirs is kept, with the kid, and comes back', async t => {
  const sealer = createSealer(BACKWARDS)
  const sealed = await sealer.seal(kid, privateJwk)
  t.strictSame(sealed, { sealing: 'wrap', text: reverse(JSON.stringify(privateJwk)) })
  t.strictSame(await sealer.open(kid, sealed), { privateJwk, isOutdated: false })
  const seen: unknown[] = []
  await createSealer({ ...BACKWARDS, wrap: (text, context) => { seen.push(context.kid, context.signal.aborted); return text } }).seal(kid, privateJwk)
  t.strictSame(seen, [kid, false])
})

t.test('another key, none, or another way → refused by the name of the option, with the cure and without a secret', async t => {
  const key = keyOf('base64')
  const jwe = await createSealer(key).seal(kid, privateJwk)
  const wrapped = await createSealer(BACKWARDS).seal(kid, privateJwk)
  const cases = [
    [keyOf('base64'), kid, jwe, /was encrypted with another key\. Pass that one, or both in a list/],
    [key, 'other', jwe, /"other" was encrypted with another key/],
    [undefined, kid, jwe, /is encrypted\. Pass the key/],
    [BACKWARDS, kid, jwe, /is encrypted\. Pass the key/],
    [undefined, kid, wrapped, /is wrapped\. Pass \{ wrap, unwrap \}/],
    [key, kid, wrapped, /is wrapped\. Pass \{ wrap, unwrap \}/],
    [key, kid, { sealing: 'jwe', text: 'a.b' }, /another key/]
  ] as const
  for (const [encryption, of, sealed, message] of cases) {
    const error = await t.rejects(createSealer(encryption).open(of, sealed), { code: 'FST_KEYHOLE_OPTION_INVALID', message }) as unknown as Error
    t.match(error.message, /^openStore: keyEncryption: the key "/)
    t.notOk(inspect(error, { depth: null }).includes(secret) || inspect(error, { depth: null }).includes(key))
  }
})

t.test('a JWE that was changed anywhere, or deflated → never opens', async t => {
  const sealer = createSealer(keyOf('base64'))
  const { text } = await sealer.seal(kid, privateJwk)
  const decoded = (changed: string) => changed.split('.').map(part => Buffer.from(part, 'base64url').toString('hex')).join('.')
  await fc.assert(fc.asyncProperty(fc.nat(text.length - 1), fc.constantFrom('A', 'B', '_', '.', '='), async (at, letter) => {
    const changed = text.slice(0, at) + letter + text.slice(at + 1)
    if (decoded(changed) === decoded(text)) return
    await sealer.open(kid, { sealing: 'jwe', text: changed }).then(() => { throw new Error('it opened') }, error => { if (error.code !== 'FST_KEYHOLE_OPTION_INVALID') throw error })
  }))
})

t.test('E12 wrap or unwrap fails, or gives nothing → signing is unavailable, the cause beside', async t => {
  for (const answer of ['', undefined, 5]) {
    const sealer = createSealer({ wrap: () => answer as string, unwrap: async () => answer as string })
    await t.rejects(sealer.seal(kid, privateJwk), { code: 'FST_KEYHOLE_SIGNING_UNAVAILABLE', statusCode: 503, message: `No token can be signed now: the key "${kid}" cannot be wrapped.` })
    await t.rejects(sealer.open(kid, { sealing: 'wrap', text: 'x' }), { code: 'FST_KEYHOLE_SIGNING_UNAVAILABLE', message: /cannot be unwrapped/ })
  }
  const down = createSealer({ wrap: () => { throw new Error('away') }, unwrap: async () => { throw new Error('away') } })
  await t.rejects(down.seal(kid, privateJwk), { code: 'FST_KEYHOLE_SIGNING_UNAVAILABLE', cause: { message: 'away' } })
  await t.rejects(down.open(kid, { sealing: 'wrap', text: 'x' }), { cause: { message: 'away' } })
  for (const sealer of [createSealer(undefined), createSealer({ ...BACKWARDS, unwrap: () => '{' })]) {
    await t.rejects(sealer.open(kid, { sealing: sealer === undefined ? 'none' : 'none', text: '{' + secret }), { code: 'FST_KEYHOLE_SIGNING_UNAVAILABLE', message: /is broken/ })
  }
})

t.test('unwrap that does not come back → ten seconds are waited', async t => {
  const timeout = mock.method(AbortSignal, 'timeout', (milliseconds: number) => {
    t.equal(milliseconds, 10_000)
    return AbortSignal.abort(new Error('too late')) as AbortSignal & { addEventListener: unknown }
  })
  t.teardown(() => timeout.mock.restore())
  const controller = new AbortController()
  timeout.mock.mockImplementation(() => controller.signal)
  const opening = createSealer({ ...BACKWARDS, unwrap: () => new Promise(() => {}) }).open(kid, { sealing: 'wrap', text: 'x' })
  controller.abort(new Error('too late'))
  await t.rejects(opening, { code: 'FST_KEYHOLE_SIGNING_UNAVAILABLE', cause: { message: 'too late' } })
})

t.test('what is no encryption → refused with what to write, and not shown', async t => {
  const wrong = ['', 'short', keyOf('hex'), randomBytes(31).toString('base64'), randomBytes(33).toString('base64'), [], ['x'], null, 5, {}, { wrap: reverse }, { wrap: 1, unwrap: 2 }]
  for (const encryption of wrong) {
    const error = t.throws(() => createSealer(encryption as KeyEncryption), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^openStore: keyEncryption: write 32 random bytes as base64/ }) as unknown as Error
    if (typeof encryption === 'string' && encryption.length > 5) t.notOk(error.message.includes(encryption))
  }
})
