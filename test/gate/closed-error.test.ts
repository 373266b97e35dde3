import t from 'tap'
import { CLOSED_ERROR_SCHEMA, closedError } from '../../lib/gate/closed-error.js'

const error = (members: object) => Object.assign(new Error('SECRET'), members)
const closed = (status: number, payload: unknown) => JSON.parse(closedError(status, payload)) as unknown

t.test('a 4xx with a code of Fastify → its message', async t => {
  t.equal(closedError(400, error({ code: 'FST_ERR_VALIDATION', message: 'body/name must be string' })),
    '{"statusCode":400,"code":"FST_ERR_VALIDATION","error":"Bad Request","message":"body/name must be string"}')
})

t.test('D9 a 4xx with another code → the code, no message', async t => {
  t.strictSame(closed(409, error({ code: 'SQLITE_CONSTRAINT' })), { statusCode: 409, code: 'SQLITE_CONSTRAINT', error: 'Conflict', message: 'Conflict' })
})

t.test('a 4xx with expose: true → its message, with or without a code', async t => {
  t.strictSame(closed(422, error({ message: 'Too late.', expose: true })), { statusCode: 422, error: 'Unprocessable Entity', message: 'Too late.' })
  t.strictSame(closed(422, error({ message: 'Too late.', expose: true, code: 'TOO_LATE' })), { statusCode: 422, code: 'TOO_LATE', error: 'Unprocessable Entity', message: 'Too late.' })
  for (const expose of [1, 'true', false, undefined]) t.strictSame(closed(404, error({ expose })), { statusCode: 404, error: 'Not Found', message: 'Not Found' })
})

t.test('D9 a 5xx → a generic message, whatever it says; its code only when it is Fastify\'s', async t => {
  t.strictSame(closed(500, error({ expose: true, code: 'ECONNREFUSED' })), { statusCode: 500, error: 'Internal Server Error', message: 'Internal Server Error' })
  t.strictSame(closed(503, error({ code: 'FST_KEYHOLE_STORE_UNAVAILABLE' })), { statusCode: 503, code: 'FST_KEYHOLE_STORE_UNAVAILABLE', error: 'Service Unavailable', message: 'Service Unavailable' })
  t.strictSame(closed(499, error({ code: 'ECONNRESET' })), { statusCode: 499, code: 'ECONNRESET', error: 'Error', message: 'Error' })
})

t.test('a code that is no plain name → left out', async t => {
  for (const code of ['', 'lower', '1X', 'A B', 'A'.repeat(65), 'FST_é', 'X\nY', 'X\n', 23505, {}, null, ['FST_X']]) {
    t.strictSame(closed(400, error({ code })), { statusCode: 400, error: 'Bad Request', message: typeof code === 'string' && code.startsWith('FST_') ? 'SECRET' : 'Bad Request' }, String(code))
  }
  t.equal((closed(400, error({ code: 'A'.repeat(64) })) as { code: string }).code, 'A'.repeat(64))
})

t.test('a message that is no text → generic', async t => {
  t.strictSame(closed(400, { code: 'FST_X', message: { secret: 1 } }), { statusCode: 400, code: 'FST_X', error: 'Bad Request', message: 'Bad Request' })
})

t.test('D12 what is no error, and members beside those of an error → nothing of them', async t => {
  for (const payload of [undefined, null, 'SECRET', 42, true, ['SECRET'], { secret: 'SECRET' }, () => 'SECRET', Symbol('SECRET'), error({ detail: 'SECRET', validation: [{ params: 'SECRET' }], cause: 'SECRET' })]) {
    t.equal(closedError(500, payload), '{"statusCode":500,"error":"Internal Server Error","message":"Internal Server Error"}')
  }
})

t.test('a status that nobody knows → Error', async t => {
  t.strictSame(closed(299, {}), { statusCode: 299, error: 'Error', message: 'Error' })
})

t.test('the schema → the members that are written, frozen', async t => {
  t.strictSame(CLOSED_ERROR_SCHEMA, {
    type: 'object',
    required: ['statusCode', 'error', 'message'],
    properties: { statusCode: { type: 'integer' }, code: { type: 'string' }, error: { type: 'string' }, message: { type: 'string' } }
  })
  t.ok(Object.isFrozen(CLOSED_ERROR_SCHEMA))
})
