import t from 'tap'
import { InvalidTokenError, type InvalidTokenReason } from '../../lib/access-token/errors.js'

const reasons: Record<InvalidTokenReason, true> = {
  size: true,
  malformed: true,
  type: true,
  critical: true,
  key: true,
  algorithm: true,
  signature: true,
  claims: true,
  issuer: true,
  audience: true,
  lifetime: true,
  expired: true,
  early: true,
  revoked: true,
  confirmation: true,
  bound: true,
  unbound: true,
  possession: true,
  scopes: true
}

t.test('every reason → a description in the characters of RFC 6750 3, without a digit that could be a time', async t => {
  for (const reason of Object.keys(reasons) as InvalidTokenReason[]) {
    const { description, message } = new InvalidTokenError(reason)
    t.match(description, /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/, reason)
    t.notMatch(description, /[0-9]/, reason)
    t.equal(message, description)
  }
})

t.test('a cause → kept for the log, not in the message', async t => {
  const cause = new Error('database gone')
  const error = new InvalidTokenError('key', { cause })
  t.equal(error.cause, cause)
  t.notMatch(error.message, /database/)
})
