import t from 'tap'
import { readDemoClients } from '../../example-app/demo-clients.js'
import { greeting } from '../../example-app/greeting.js'

const demoClients = await readDemoClients()

t.test('no demo clients → the address alone', async t => {
  t.equal(greeting('http://127.0.0.1:3000', []), 'The customer API listens on http://127.0.0.1:3000, its description is http://127.0.0.1:3000/docs\n')
})

t.test('demo clients → lines for salesperson and admin, and how to make real clients', async t => {
  const text = greeting('http://127.0.0.1:3000', demoClients)
  t.strictSame(text.match(/^# .+$/gm), ['# One customer, as salesperson sees it:', '# One customer, as admin sees it:'])
  t.match(text, 'npm run clients -- create crm salesperson')
})

t.test('only some of them → lines for these', async t => {
  const text = greeting('http://127.0.0.1:3000', demoClients.filter(({ role }) => role === 'admin' || role === 'viewer'))
  t.strictSame(text.match(/^# .+$/gm), ['# One customer, as admin sees it:'])
})
