import t from 'tap'
import { loggable } from '../../lib/oauth/loggable.js'

t.test('an error → name, message, stack; code when it is a string', async t => {
  const error = Object.assign(new TypeError('no'), { code: 'E_NO', request: { secret: 'x' } })
  t.strictSame(loggable(error), { type: 'TypeError', code: 'E_NO', message: 'no', stack: error.stack })
  const bare = Object.assign(new Error('no'), { code: 1 })
  delete bare.stack
  t.strictSame(loggable(bare), { type: 'Error', message: 'no' })
})

t.test('anything else that was thrown → its text', async t => {
  t.strictSame(loggable('boom s3cret', ['s3cret']), { type: 'string', message: 'boom [secret]' })
  t.strictSame(loggable(null), { type: 'object', message: 'null' })
})

t.test('a circle of causes → an end', async t => {
  const error = new Error('round')
  error.cause = error
  t.doesNotThrow(() => JSON.stringify(loggable(error)))
})
