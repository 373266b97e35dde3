import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { keyhole } from './running.js'

const line = (clientId: string) => JSON.stringify({ keyhole: 'observe', route: 'GET /orders', clientId, withheld: ['total', ''] })

t.test('a log in a file → who would lose what, and how often; what is no JSON is skipped and counted', async t => {
  const log = join(t.testdir(), 'app.log')
  await writeFile(log, ['> npm start', line('crm'), line('crm'), '{"level":30}', ''].join('\n'))
  t.strictSame(await keyhole(['observe', 'summary', log]), {
    exit: 0,
    out: 'route        client  field              times\n' +
      'GET /orders  crm     (the whole value)  2\n' +
      'GET /orders  crm     total              2\n' +
      'Lines that were no JSON, and skipped: 1\n',
    err: ''
  })
})

t.test('a log that is piped in, cut anywhere → the same; its names do not steer the terminal', async t => {
  const bytes = Buffer.from(`${line('\u001b[31mü')}\n${line('crm')}`)
  const cut = Array.from(bytes, byte => Buffer.of(byte))
  const { out } = await keyhole(['observe', 'summary'], cut)
  t.match(out, /GET \/orders {2}\?\[31mü +total +1\n/)
  t.match(out, /GET \/orders {2}crm +total +1\n/)
  t.strictSame(await keyhole(['observe', 'summary', '-'], [bytes.toString()]), { exit: 0, out, err: '' })
})

t.test('--json → as data; nothing observed → nobody', async t => {
  t.strictSame(JSON.parse((await keyhole(['observe', 'summary', '--json'], [line('crm')])).out), {
    losses: ['', 'total'].map(field => ({ route: 'GET /orders', clientId: 'crm', field, times: 1 })), skipped: 0
  })
  t.strictSame(await keyhole(['observe', 'summary'], ['{}\n']), { exit: 0, out: 'Nobody would lose a field.\n', err: '' })
})

t.test('no such log → 2', async t => {
  t.match(await keyhole(['observe', 'summary', '/nowhere/app.log']), { exit: 2, out: '', err: /^\/nowhere\/app\.log: ENOENT/ })
})
