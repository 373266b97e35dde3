import t from 'tap'
import type { ObservedEvent } from '../../lib/observe/observed-event.js'
import { RateLimit } from '../../lib/observe/rate-limit.js'

const now = Date.now
t.teardown(() => { Date.now = now })
let time = 0
Date.now = () => time

function limited () {
  const told: [string, string, number][] = []
  const limit = new RateLimit(({ clientId, withheld, refused, times }: ObservedEvent) => { told.push([clientId, [...withheld, ...refused].join(), times]) })
  const add = (clientId: string, withheld: string[], refused: string[] = []) => limit.add({ route: 'GET /', clientId, withheld, refused })
  return { told, limit, add }
}

t.test('the same again and again → told at once, then once a minute with how often; the rest at the end', async t => {
  const { told, limit, add } = limited()
  for (time = 0; time < 150_000; time += 1000) add('crm', ['iban'])
  t.strictSame(told, [['crm', 'iban', 1], ['crm', 'iban', 60], ['crm', 'iban', 60]])
  limit.flush()
  t.strictSame(told.at(-1), ['crm', 'iban', 29])
  limit.flush()
  t.equal(told.reduce((sum, [,, times]) => sum + times, 0), 150)
})

t.test('another client, field or kind → told for itself; what was told leaves nothing at the end', async t => {
  const { told, limit, add } = limited()
  add('crm', ['iban'])
  add('web', ['iban'])
  add('crm', ['iban', 'age'])
  add('crm', [], ['iban'])
  limit.flush()
  t.strictSame(told, [['crm', 'iban', 1], ['web', 'iban', 1], ['crm', 'iban,age', 1], ['crm', 'iban', 1]])
})

t.test('more than 10,000 at once → the oldest is told early, and forgotten', async t => {
  const { told, add } = limited()
  add('oldest', ['iban'])
  add('oldest', ['iban'])
  add('older', ['iban'])
  for (let index = 0; index < 10_000; index++) add(String(index), ['iban'])
  t.strictSame(told.filter(([client]) => client.startsWith('old')), [['oldest', 'iban', 1], ['older', 'iban', 1], ['oldest', 'iban', 1]])
  add('9999', ['iban'])
  add('oldest', ['iban'])
  t.strictSame(told.slice(-1), [['oldest', 'iban', 1]])
  t.equal(told.length, 10_004)
})
