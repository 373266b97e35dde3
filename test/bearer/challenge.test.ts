import fc from 'fast-check'
import t from 'tap'
import { bearerChallenge } from '../../lib/bearer/challenge.js'

t.test('a challenge → the scheme and what is known, each attribute once', async t => {
  t.equal(bearerChallenge(), 'Bearer')
  t.equal(bearerChallenge({}), 'Bearer')
  t.equal(bearerChallenge({ error: 'invalid_request' }), 'Bearer error="invalid_request"')
  t.equal(bearerChallenge({ error: 'invalid_token', description: 'It expired.' }), 'Bearer error="invalid_token", error_description="It expired."')
  t.equal(bearerChallenge({ error: 'insufficient_scope', scopes: ['a', 'b:write'] }), 'Bearer error="insufficient_scope", scope="a b:write"')
  t.equal(bearerChallenge({ error: 'insufficient_scope', scopes: [] }), 'Bearer error="insufficient_scope"')
})

t.test('A88 any description → only characters that RFC 6750 3 allows', async t => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), description => {
    const challenge = bearerChallenge({ error: 'invalid_token', description })
    return /^Bearer error="invalid_token", error_description="[\x20-\x21\x23-\x5B\x5D-\x7E]*"$/.test(challenge)
  }))
  t.equal(bearerChallenge({ description: 'a"b\\c\r\nd\u00e9\u{1F511}e' }), 'Bearer error_description="abcde"')
})
