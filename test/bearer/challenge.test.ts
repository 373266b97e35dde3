import fc from 'fast-check'
import t from 'tap'
import { challengeOf } from '../../lib/bearer/challenge.js'

t.test('a challenge → the scheme and what is known, each attribute once', async t => {
  t.equal(challengeOf('Bearer'), 'Bearer')
  t.equal(challengeOf('Bearer', {}), 'Bearer')
  t.equal(challengeOf('Bearer', { error: 'invalid_request' }), 'Bearer error="invalid_request"')
  t.equal(challengeOf('Bearer', { error: 'invalid_token', description: 'It expired.' }), 'Bearer error="invalid_token", error_description="It expired."')
  t.equal(challengeOf('Bearer', { error: 'insufficient_scope', scopes: ['a', 'b:write'] }), 'Bearer error="insufficient_scope", scope="a b:write"')
  t.equal(challengeOf('Bearer', { error: 'insufficient_scope', scopes: [] }), 'Bearer error="insufficient_scope"')
  t.equal(challengeOf('DPoP', { error: 'use_dpop_nonce', algorithms: ['ES256', 'EdDSA'] }), 'DPoP error="use_dpop_nonce", algs="ES256 EdDSA"')
  t.equal(challengeOf('Bearer', { resourceMetadata: 'https://api.example.com/x' }), 'Bearer resource_metadata="https://api.example.com/x"')
})

t.test('A88 any description → only characters that RFC 6750 3 allows', async t => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), description => {
    const challenge = challengeOf('Bearer', { error: 'invalid_token', description })
    return /^Bearer error="invalid_token", error_description="[\x20-\x21\x23-\x5B\x5D-\x7E]*"$/.test(challenge)
  }))
  t.equal(challengeOf('Bearer', { description: 'a"b\\c\r\nd\u00e9\u{1F511}e' }), 'Bearer error_description="abcde"')
})
