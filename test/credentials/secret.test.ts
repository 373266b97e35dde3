import { createHash } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { generateSecret, hashSecret, isWellFormed, matchingHash, type SecretKind } from '../../lib/credentials/secret.js'

const KINDS: readonly SecretKind[] = ['client_secret', 'api_key']
const kind = fc.constantFrom(...KINDS)
const generated = kind.map(kind => ({ kind, secret: generateSecret(kind) }))
const other = (of: SecretKind): SecretKind => of === 'api_key' ? 'client_secret' : 'api_key'

t.test('generated → prefix, 48 characters, well-formed, of its own kind alone', async t => {
  fc.assert(fc.property(generated, ({ kind, secret }) =>
    (kind === 'client_secret' ? /^khs_[\w-]{48}$/ : /^khk_[\w-]{48}$/).test(secret) &&
    isWellFormed(kind, secret) && !isWellFormed(other(kind), secret)))
  t.pass()
})

t.test('the prefix of the other kind before it → of neither kind', async t => {
  fc.assert(fc.property(generated, ({ kind, secret }) => {
    const disguised = (kind === 'client_secret' ? 'khk_' : 'khs_') + secret.slice(4)
    return KINDS.every(kind => !isWellFormed(kind, disguised))
  }))
  t.pass()
})

t.test('ten thousand → all different, every bit of the 256 taken', async t => {
  const secrets = Array.from({ length: 10_000 }, () => generateSecret('api_key'))
  t.equal(new Set(secrets).size, secrets.length)
  const [ones, zeros] = [Buffer.alloc(32), Buffer.alloc(32)]
  for (const secret of secrets) {
    Buffer.from(secret.slice(4), 'base64url').subarray(0, 32).forEach((byte, index) => {
      ones[index]! |= byte
      zeros[index]! |= byte ^ 0xff
    })
  }
  t.ok(ones.every(byte => byte === 0xff) && zeros.every(byte => byte === 0xff))
})

t.test('B54 any one character changed → not well-formed', async t => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_ =+/\n\0é'
  for (const kind of KINDS) {
    const secret = generateSecret(kind)
    for (let index = 0; index < secret.length; index++) {
      for (const character of alphabet) {
        if (character === secret[index]) continue
        if (isWellFormed(kind, secret.slice(0, index) + character + secret.slice(index + 1))) t.fail(`character ${index} may be ${JSON.stringify(character)}`)
      }
    }
  }
  t.pass()
})

t.test('B54 any two neighbours swapped, a character lost, doubled or added → not well-formed', async t => {
  fc.assert(fc.property(generated, fc.nat(51), fc.string({ minLength: 1, maxLength: 3, unit: 'binary' }), ({ kind, secret }, index, added) => {
    const [head, at, next, tail] = [secret.slice(0, index), secret[index]!, secret[index + 1] ?? '', secret.slice(index + 2)]
    const slips = [head + next + tail, head + at + at + next + tail, head + added + at + next + tail, secret + added, added + secret]
    if (at !== next) slips.push(head + next + at + tail)
    return slips.every(slip => slip === secret || !isWellFormed(kind, slip))
  }), { numRuns: 2000 })
  t.pass()
})

t.test('B54 other case, truncated, prefix only, spaces around, empty → not well-formed', async t => {
  fc.assert(fc.property(generated, fc.nat(51), ({ kind, secret }, length) =>
    [secret.toUpperCase(), secret.toLowerCase(), secret.slice(0, length), ` ${secret}`, `${secret} `, `${secret}\n`, `${secret}=`, secret.slice(0, 4), '']
      .every(text => !isWellFormed(kind, text))))
  t.pass()
})

t.test('any text → an answer; none of a million characters is hashed', async t => {
  fc.assert(fc.property(kind, fc.string({ unit: 'binary' }), (kind, text) => !isWellFormed(kind, text)))
  t.notOk(isWellFormed('api_key', 'khk_' + 'A'.repeat(1_000_000)))
})

t.test('hash → SHA-256 as base64url', async t => {
  const secret = generateSecret('client_secret')
  t.equal(hashSecret(secret), createHash('sha256').update(secret).digest('base64url'))
})

t.test('presented and stored → matches the current one and the one before, nothing else', async t => {
  fc.assert(fc.property(kind, kind => {
    const [current, before, older] = [generateSecret(kind), generateSecret(kind), generateSecret(kind)]
    const stored = [current, before, older].map(hashSecret)
    const holds = (presented: string | undefined, hashes: readonly string[] = stored) => matchingHash(kind, presented, hashes) !== undefined
    return holds(current) && holds(before) && !holds(older) && !holds(undefined) && !holds('') && !holds(stored[0]) &&
      !holds(current, []) && !holds(before, stored.slice(0, 1)) && holds(current, stored.slice(0, 1))
  }))
  t.pass()
})

t.test('a secret that is stored under the other kind → does not match', async t => {
  const secret = generateSecret('client_secret')
  t.equal(matchingHash('api_key', secret, [hashSecret(secret)]), undefined)
  t.equal(matchingHash('client_secret', secret, [hashSecret(secret)]), hashSecret(secret))
})
