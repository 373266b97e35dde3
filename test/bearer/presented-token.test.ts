import fc from 'fast-check'
import t from 'tap'
import { presentedToken } from '../../lib/bearer/presented-token.js'

t.test('no header, or another scheme → none', async t => {
  for (const header of [undefined, '', ' ', 'Basic YTpi', 'Digest a', 'bearerx y', 'Bearer\ty', 'Bearer:y', ' Bearer y', 'y', 'DPoPx y', 'DPoP:y']) {
    t.strictSame(presentedToken(header), { kind: 'none' }, JSON.stringify(header))
  }
})

t.test('A81 A82 the scheme in any case and one token, with any number of spaces between → that token', async t => {
  for (const header of ['Bearer y', 'bearer y', 'BEARER y', 'Bearer   y']) t.strictSame(presentedToken(header), { kind: 'token', scheme: 'Bearer', token: 'y' }, header)
  for (const header of ['DPoP y', 'dpop y', 'DPOP   y']) t.strictSame(presentedToken(header), { kind: 'token', scheme: 'DPoP', token: 'y' }, header)
  for (const token of ['a.b.c', 'A-Z._~+/0==', 'a=']) t.strictSame(presentedToken(`Bearer ${token}`), { kind: 'token', scheme: 'Bearer', token }, token)
})

t.test('A83 the scheme and anything else → malformed', async t => {
  for (const rest of ['', ' ', '  ', ' a b', ' a ', ' a, Bearer b', ' "a"', ' a%20', ' é', ' =', ' a=b', ' a\n', ' a\0']) {
    for (const scheme of ['Bearer', 'DPoP']) t.strictSame(presentedToken(scheme + rest), { kind: 'malformed', scheme }, JSON.stringify(rest))
  }
})

t.test('any header → a token of token68 characters alone, or none at all', async t => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', 'Bearer ', 'bearer ', 'DPoP '), (rest, scheme) => {
    const presented = presentedToken(scheme + rest)
    return presented.kind !== 'token' || /^[A-Za-z0-9\-._~+/]+=*$/.test(presented.token)
  }))
})
