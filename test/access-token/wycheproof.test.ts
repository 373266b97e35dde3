import { readFileSync } from 'node:fs'
import t from 'tap'
import { readCompactJws } from '../../lib/access-token/compact.js'
import { InvalidTokenError } from '../../lib/access-token/errors.js'
import { requireSignature } from '../../lib/access-token/signature.js'
import type { JWK } from '../../lib/keys/jwk.js'
import { keySet } from '../../lib/keys/key-set.js'

interface Group {
  readonly comment: string
  readonly private?: JWK
  readonly public?: JWK
  readonly tests: ReadonlyArray<{ readonly tcId: number, readonly comment: string, readonly jws: unknown, readonly result: 'valid' | 'invalid' }>
}

const { testGroups, numberOfTests } = JSON.parse(readFileSync(new URL('../vectors/wycheproof/json_web_signature_test.json', import.meta.url), 'utf8')) as
  { testGroups: Group[], numberOfTests: number }

const PUBLIC_MEMBERS = ['kty', 'kid', 'alg', 'use', 'key_ops', 'crv', 'x', 'y', 'n', 'e']

/**
 * The vectors sign texts like `foo`, and a JWT's payload is a JSON object: here such a text is read as an empty one.
 * All else, from the split to the signature, is the verifier's own way.
 */
function readEveryPayload (): () => void {
  const parse = JSON.parse
  JSON.parse = (text: string, ...more: []) => text.trimStart().startsWith('{') ? parse(text, ...more) : {}
  return () => { JSON.parse = parse }
}

/** Why the vector is refused, or null when its signature is taken. */
async function refusal ({ private: secret, public: open }: Group, jws: string): Promise<string | null> {
  const jwk = Object.fromEntries(Object.entries(open ?? secret as JWK).filter(([member]) => PUBLIC_MEMBERS.includes(member))) as JWK
  let keys
  try {
    keys = keySet({ keys: [jwk] })
  } catch {
    return `key refused: ${[jwk.kty, jwk.crv, jwk.alg, jwk.use, jwk.key_ops].flat().filter(Boolean).join(' ')}`
  }
  try {
    await requireSignature(readCompactJws(jws), keys)
    return null
  } catch (error) {
    if (!(error instanceof InvalidTokenError)) throw error
    return /^[^.]+\.\.[^.]+$/.test(jws) ? 'empty payload' : error.reason
  }
}

t.test('Wycheproof, JWS: no invalid signature is taken, each valid one that is refused has its reason', async t => {
  t.teardown(readEveryPayload())
  const taken = { valid: 0, invalid: 0 }
  const refused: Record<'valid' | 'invalid', Record<string, number>> = { valid: {}, invalid: {} }
  let total = 0
  for (const group of testGroups) {
    for (const { tcId, comment, jws, result } of group.tests) {
      total++
      const reason = await refusal(group, typeof jws === 'string' ? jws : JSON.stringify(jws))
      if (reason === null) {
        taken[result]++
        if (result === 'invalid') t.fail(`${tcId} ${group.comment}: ${comment}`)
      } else {
        refused[result][reason] = (refused[result][reason] ?? 0) + 1
      }
    }
  }
  t.equal(total, numberOfTests)
  t.strictSame(taken, { valid: 14, invalid: 0 })
  t.strictSame(refused.valid, {
    'key refused: oct HS256 sig': 10,
    'key refused: RSA RS384': 4,
    'key refused: RSA RS512': 4,
    'key refused: RSA PS384 sig': 4,
    'key refused: RSA PS512 sig': 4,
    'key refused: EC P-521 ES521 sig': 1,
    'key refused: EC P-521 ES521 verify': 1,
    algorithm: 2, // PS384 by a key that says PS256
    'empty payload': 2
  })
  t.equal(refused.invalid['signature'], 283, 'invalid ones that came as far as the signature')
})
