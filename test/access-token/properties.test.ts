import t from 'tap'
import fc from 'fast-check'
import { InvalidTokenError } from '../../lib/access-token/errors.js'
import type { VerifiedToken } from '../../lib/access-token/verified-token.js'
import type { Algorithm } from '../../lib/keys/key-source.js'
import { AUDIENCE, claims, forge, ISSUER, keyPair, keysOf, NOW, verifierOf, base64url } from './forge.js'

const pairs = (['ES256', 'EdDSA', 'RS256', 'PS256'] satisfies Algorithm[]).map(alg => keyPair(alg, alg))
const { verify } = verifierOf(keysOf(...pairs))
const tokens = pairs.map(key => forge({ key, claims: claims({ sub: key.kid, roles: ['viewer'] }) }))
const verified = await Promise.all(tokens.map(token => verify(token)))

/** The token verified, or null where it was refused; any other outcome is thrown. */
async function outcome (token: string): Promise<VerifiedToken | null> {
  try {
    return await verify(token)
  } catch (error) {
    if (error instanceof InvalidTokenError) return null
    throw error
  }
}

const character = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_') },
  { weight: 1, arbitrary: fc.constantFrom(...'.=+/ \n\0"{}é') },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) }
)

t.test('any character of a good token changed, dropped or inserted → refused, or the same claims', async t => {
  const mutation = fc.record({
    which: fc.nat(tokens.length - 1),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    kind: fc.constantFrom('flip', 'drop', 'insert'),
    character
  })
  await fc.assert(fc.asyncProperty(mutation, async ({ which, at, kind, character }) => {
    const token = tokens[which] as string
    const index = Math.floor(at * token.length)
    const mutant = token.slice(0, index) + (kind === 'drop' ? '' : character) + token.slice(kind === 'insert' ? index : index + 1)
    const result = await outcome(mutant)
    if (result !== null) t.strictSame(result.claims, verified[which]?.claims)
  }), { numRuns: 2000 })
})

t.test('each character of a good token changed in turn → refused, but for the unused bits of the last', async t => {
  for (const [which, token] of tokens.entries()) {
    for (let index = 0; index < token.length; index++) {
      const mutant = token.slice(0, index) + (token[index] === 'A' ? 'B' : 'A') + token.slice(index + 1)
      const result = await outcome(mutant)
      if (result !== null) {
        t.equal(index, token.length - 1)
        t.strictSame(result.claims, verified[which]?.claims)
      }
    }
  }
})

t.test('any text → refused, never another error', async t => {
  const object = fc.json().map(base64url)
  const header = fc.record({
    alg: fc.oneof(fc.constantFrom<unknown>('ES256', 'none', 'HS256'), fc.jsonValue()),
    typ: fc.oneof(fc.constant<unknown>('at+jwt'), fc.jsonValue()),
    kid: fc.oneof(fc.constantFrom<unknown>('ES256', 'RS256', 'PS256', 'EdDSA'), fc.jsonValue())
  }, { requiredKeys: [] }).map(members => base64url(JSON.stringify(members)))
  const segment = fc.oneof(object, header, fc.base64String(), fc.string({ unit: 'binary' }))
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(segment, { maxLength: 5 }).map(segments => segments.join('.')),
    fc.tuple(header, object, segment).map(segments => segments.join('.'))
  )
  await fc.assert(fc.asyncProperty(text, async text => await outcome(text) === null), { numRuns: 2000 })
})

t.test('any claims, really signed → refused, or what the profile asks for', async t => {
  const key = pairs[1] as typeof pairs[number]
  const time = fc.oneof(fc.double({ min: NOW - 10, max: NOW + 10 }), fc.double(), fc.integer({ min: NOW - 90_000, max: NOW + 90_000 }))
  const or = <T>(good: fc.Arbitrary<T>) => fc.oneof({ weight: 12, arbitrary: good as fc.Arbitrary<unknown> }, { weight: 1, arbitrary: fc.jsonValue() })
  const members = fc.tuple(fc.record({
    iss: or(fc.constant(ISSUER)),
    aud: or(fc.oneof(fc.constant<unknown>(AUDIENCE), fc.array(fc.constantFrom(AUDIENCE, 'https://other')))),
    sub: or(fc.constant('crm')),
    client_id: or(fc.constant('crm')),
    jti: or(fc.constant('1')),
    iat: or(fc.oneof({ weight: 3, arbitrary: fc.constant(NOW) }, time)),
    exp: or(fc.oneof({ weight: 3, arbitrary: fc.constant(NOW + 60) }, time))
  }), fc.record({
    nbf: or(time), scope: or(fc.string({ unit: 'binary' })), roles: or(fc.array(fc.constant('viewer')))
  }, { requiredKeys: [] }), fc.constantFrom(...Array(14).fill({}), { cnf: { jkt: 'x' } }, { jti: undefined })).map(parts => Object.assign({}, ...parts))

  let taken = 0
  await fc.assert(fc.asyncProperty(members, async members => {
    const result = await outcome(forge({ key, claims: members }))
    if (result === null) return true
    taken++
    const { iss, aud, exp, iat, nbf = iat, sub, client_id: clientId, jti, cnf } = result.claims
    return iss === ISSUER && (aud === AUDIENCE || (Array.isArray(aud) && aud.includes(AUDIENCE))) &&
      exp > NOW - 5 && iat <= NOW + 5 && (nbf as number) <= NOW + 5 && exp - iat <= 86_400 &&
      [sub, clientId, jti].every(text => typeof text === 'string' && text !== '') && cnf === undefined &&
      result.scopes.every(scope => /^[\x21\x23-\x5B\x5D-\x7E]+$/.test(scope))
  }), { numRuns: 2000 })
  t.ok(taken > 0, `${taken} were taken`)
})
