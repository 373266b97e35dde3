import t from 'tap'
import { asOAuthError, OAuthError } from '../../lib/oauth/errors.js'

t.test('B63 each code → its status', async t => {
  const statuses = { invalid_request: 400, invalid_client: 401, unauthorized_client: 400, unsupported_grant_type: 400, invalid_scope: 400, slow_down: 429, server_error: 500, temporarily_unavailable: 503 } as const
  for (const [code, status] of Object.entries(statuses)) t.equal(new OAuthError(code as keyof typeof statuses, 'x').statusCode, status, code)
  t.equal(new OAuthError('invalid_request', 'x', { status: 405 }).statusCode, 405)
})

t.test('on the wire: code and description, never the cause', async t => {
  const error = new OAuthError('server_error', 'sorry', { cause: new Error('private') })
  t.strictSame(error.body, { error: 'server_error', error_description: 'sorry' })
  t.strictSame(error.headers, {})
})

t.test('temporarily_unavailable → Retry-After', async t => {
  t.strictSame(new OAuthError('temporarily_unavailable', 'x').headers, { 'retry-after': '5' })
  t.strictSame(new OAuthError('temporarily_unavailable', 'x', { headers: { 'retry-after': '60' } }).headers, { 'retry-after': '60' })
})

t.test('what others threw → the nearest code, their text only in the cause', async t => {
  const table: [unknown, string, number][] = [
    [Object.assign(new Error('private'), { statusCode: 413 }), 'invalid_request', 413],
    [Object.assign(new Error('private'), { statusCode: 415 }), 'invalid_request', 400],
    [Object.assign(new Error('private'), { statusCode: 403 }), 'invalid_request', 400],
    [Object.assign(new Error('private'), { statusCode: 429 }), 'slow_down', 429],
    [Object.assign(new Error('private'), { statusCode: 503 }), 'temporarily_unavailable', 503],
    [Object.assign(new Error('private'), { statusCode: 502 }), 'server_error', 500],
    [Object.assign(new Error('private'), { statusCode: '400' }), 'server_error', 500],
    [Object.assign(new Error('private'), { statusCode: 200 }), 'server_error', 500],
    [new Error('private'), 'server_error', 500],
    ['private', 'server_error', 500], [null, 'server_error', 500], [undefined, 'server_error', 500]
  ]
  for (const [thrown, code, status] of table) {
    const error = asOAuthError(thrown)
    t.match(error, { code, statusCode: status })
    t.notMatch(JSON.stringify(error.body), 'private')
    if (thrown !== null && thrown !== undefined) t.match(JSON.stringify(error.cause), 'private')
  }
  const own = new OAuthError('invalid_scope', 'x')
  t.equal(asOAuthError(own), own)
})
