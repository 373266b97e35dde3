import t from 'tap'
import { ObservedLosses } from '../../lib/report/observed.js'

function summed (...lines: unknown[]) {
  const losses = new ObservedLosses()
  for (const line of lines) losses.add(typeof line === 'string' ? line : JSON.stringify(line))
  return { losses: losses.list(), skipped: losses.skipped }
}

const line = { level: 30, keyhole: 'observe', route: 'GET /orders', clientId: 'crm', withheld: ['total', 'items.*.price'] }

t.test('lines of observing → counted by route, client and field', async t => {
  t.strictSame(summed(line, { ...line, withheld: ['total'] }, { ...line, clientId: 'app' }, { ...line, route: 'GET /a' }).losses, [
    { route: 'GET /a', clientId: 'crm', kind: 'withheld', field: 'items.*.price', times: 1 },
    { route: 'GET /a', clientId: 'crm', kind: 'withheld', field: 'total', times: 1 },
    { route: 'GET /orders', clientId: 'app', kind: 'withheld', field: 'items.*.price', times: 1 },
    { route: 'GET /orders', clientId: 'app', kind: 'withheld', field: 'total', times: 1 },
    { route: 'GET /orders', clientId: 'crm', kind: 'withheld', field: 'items.*.price', times: 1 },
    { route: 'GET /orders', clientId: 'crm', kind: 'withheld', field: 'total', times: 2 }
  ])
})

t.test('what would be refused → counted apart from what would be withheld', async t => {
  const { withheld, ...refusal } = { ...line, refused: ['query.total', 'body'] }
  t.strictSame(summed({ ...line, withheld: ['body'] }, refusal, refusal).losses.map(({ kind, field, times }) => [kind, field, times]), [
    ['refused', 'body', 2], ['refused', 'query.total', 2], ['withheld', 'body', 1]
  ])
})

t.test('lines about something else → nothing; lines that are no JSON → counted apart', async t => {
  const others = [
    { level: 30, msg: 'incoming request' }, { ...line, keyhole: 'audit' }, { ...line, route: 1 }, { ...line, clientId: undefined },
    { ...line, withheld: 'total' }, { ...line, withheld: [1] }, { ...line, refused: 'body' }, '', '  ', 'null', '1'
  ]
  t.strictSame(summed(...others), { losses: [], skipped: 0 })
  t.strictSame(summed('npm start', '{"cut off', line), { losses: summed(line).losses, skipped: 2 })
})

t.test('lines that stand for several answers → count as many', async t => {
  const losses = new ObservedLosses()
  for (const times of [1, 59, undefined, 'many']) losses.add(JSON.stringify({ keyhole: 'observe', route: 'GET /', clientId: 'crm', withheld: ['iban'], times }))
  t.strictSame(losses.list(), [{ route: 'GET /', clientId: 'crm', kind: 'withheld', field: 'iban', times: 61 }])
})
