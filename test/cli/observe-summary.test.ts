import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { customerRoute, guardedApp, SECRET } from '../plugins/resource-guard-app.js'
import { UNTIL } from './apps/observing.js'
import { keyhole } from './running.js'

const line = (clientId: string) => JSON.stringify({ keyhole: 'observe', route: 'GET /orders', clientId, withheld: ['total', ''] })

t.test('a log in a file → who would lose what, and how often; what is no JSON is skipped and counted', async t => {
  const log = join(t.testdir(), 'app.log')
  await writeFile(log, ['> npm start', line('crm'), line('crm'), '{"level":30}', ''].join('\n'))
  t.strictSame(await keyhole(['observe', 'summary', log]), {
    exit: 0,
    out: 'route        client  would be  field              times\n' +
      'GET /orders  crm     withheld  (the whole value)  2\n' +
      'GET /orders  crm     withheld  total              2\n' +
      'Lines that were no JSON, and skipped: 1\n',
    err: ''
  })
})

t.test('a log that is piped in, cut anywhere → the same; its names do not steer the terminal', async t => {
  const bytes = Buffer.from(`${line('\u001b[31mü')}\n${line('crm')}`)
  const cut = Array.from(bytes, byte => Buffer.of(byte))
  const { out } = await keyhole(['observe', 'summary'], cut)
  t.match(out, /GET \/orders {2}\?\[31mü +withheld +total +1\n/)
  t.match(out, /GET \/orders {2}crm +withheld +total +1\n/)
  t.strictSame(await keyhole(['observe', 'summary', '-'], [bytes.toString()]), { exit: 0, out, err: '' })
})

t.test('--json → as data; nothing observed → nobody', async t => {
  t.strictSame(JSON.parse((await keyhole(['observe', 'summary', '--json'], [line('crm')])).out), {
    losses: ['', 'total'].map(field => ({ route: 'GET /orders', clientId: 'crm', kind: 'withheld', field, times: 1 })), skipped: 0
  })
  t.strictSame(await keyhole(['observe', 'summary'], ['{}\n']), { exit: 0, out: 'Nobody would lose a field, or be refused anything.\n', err: '' })
})

t.test('--json of names that would steer the terminal → escaped, and the same data', async t => {
  const name = '\u009b31m\u202eü\u{e0041}'
  const { out } = await keyhole(['observe', 'summary', '--json'], [line(name)])
  t.notMatch(out, /[^\n\P{C}]/u)
  t.match(out, 'ü')
  t.equal(JSON.parse(out).losses[0].clientId, name)
})

t.test('no such log → 2', async t => {
  t.match(await keyhole(['observe', 'summary', '/nowhere/app.log']), { exit: 2, out: '', err: /^\/nowhere\/app\.log: ENOENT/ })
})

t.test('what an observing guard has logged, until it was closed → each answer is counted, and so is what would be refused', async t => {
  const { app, get, log } = await guardedApp(t, customerRoute(), { options: { observe: { until: UNTIL } } })
  for (const scope of ['profile', 'profile', 'profile', 'profile address']) await get('/customer', scope)
  await get('/customer?iban=x', 'profile address banking')
  await app.close()
  t.match(log.text(), 'would be refused')
  const { out } = await keyhole(['observe', 'summary'], [log.text()])
  t.strictSame(out.split('\n').map(line => line.split(/ {2,}/)), [
    ['route', 'client', 'would be', 'field', 'times'],
    ['GET /customer', 'crm', 'refused', 'query.*', '1'],
    ['GET /customer', 'crm', 'withheld', 'address.city', '3'],
    ['GET /customer', 'crm', 'withheld', 'address.street', '3'],
    ['GET /customer', 'crm', 'withheld', 'banking.balance', '4'],
    ['GET /customer', 'crm', 'withheld', 'banking.iban', '4'],
    ['']
  ])
  t.notMatch(out, SECRET)
})
