import t from 'tap'
import { UNTIL } from './apps/observing.js'
import { appFile, keyhole, ORDERS } from './running.js'

t.test('report → what to look at first, then every field, in columns', async t => {
  const { exit, out } = await keyhole(['report', ORDERS])
  t.equal(exit, 0)
  const [notices = '', rows = '', last] = out.split('\n\n')
  t.match(notices, /^look at +route +where +what\nraw: bodies leave as the handler sends them +GET \/export +the bank reads CSV\npublic: /)
  t.match(notices, /PUT \/orders\/:id +204 +\(the whole value\)/)
  t.match(rows, /^route +where +field +claim sets +route takes +scopes +roles +with another role +reveals$/m)
  t.match(rows, /^GET \/orders\/:id +200 +lines\.\*\.price +price_claims +orders +prices +boss +controller +length$/m)
  t.match(rows, /^PUT \/orders\/:id +body +lines\.\*\.article +order_claims +orders:write or prices:write +orders:write +clerk$/m)
  t.match(rows, /^GET \/orders +query +page +any token +any token +any +clerk controller boss nobody$/m)
  t.match(rows, /^GET \/export +any answer +\(the whole value\)/m)
  t.match(last, /^A client of several roles has what each of them releases, together\. Policy: sha256-\S+\n$/)
})

t.test('--field → that field, wherever it stands, and what is beneath it; raw and public routes on top', async t => {
  const { exit, out } = await keyhole(['report', ORDERS, '--field', 'price'])
  t.equal(exit, 0)
  const lines = out.split('\n').filter(line => /^(GET|PUT)/.test(line))
  t.strictSame(lines.map(line => line.split(/ {2,}/).slice(0, 3)), [['GET /orders/:id', '200', 'lines.*.price'], ['PUT /orders/:id', 'body', 'lines.*.price']])
  t.match(out, /^raw: .*\npublic: .*\n\n/m)
  t.notMatch(out, 'shows')
  const beneath = await keyhole(['report', ORDERS, '--field', 'margin', '--json'])
  t.strictSame(JSON.parse(beneath.out).rows.map((row: { field: string }) => row.field), ['margin.currency', 'margin.rate'])
})

t.test('--field of nothing → 2, and the fields that there are', async t => {
  const { exit, err } = await keyhole(['report', ORDERS, '--field', 'pric'])
  t.equal(exit, 2)
  t.match(err, /^--field: no guarded route has a field pric\. There are id, lines\.\*\.article, /)
})

t.test('--json, --csv, --markdown → the same rows', async t => {
  const json = JSON.parse((await keyhole(['report', ORDERS, '--json'])).out)
  const csv = (await keyhole(['report', ORDERS, '--csv'])).out.split('\r\n')
  const markdown = (await keyhole(['report', ORDERS, '--markdown'])).out
  t.equal(csv.length, json.rows.length + 2, 'head, rows, and an end')
  t.equal(csv[0], 'route,where,field,mask,claim sets,route takes,proof,scopes,roles,with another role,reveals')
  t.ok(csv.includes('GET /orders/:id,"404, application/json",reason,,any token,orders,,any,clerk boss,,'))
  t.match(markdown, /^## Look at these first\n\n\| look at \|/)
  t.match(markdown, '| GET /orders/:id | 200 | `lines.*.price` | `price_claims` | orders | prices | boss | controller | length |\n')
})

t.test('two formats at once → 2', async t => {
  t.equal((await keyhole(['report', ORDERS, '--json', '--csv'])).exit, 2)
})

t.test('nothing to look at first, nobody → says so in the rows', async t => {
  const text = await keyhole(['report', appFile('plain.ts')])
  t.match(text.out, /^route +where +field +claim sets +route takes +scopes +roles\n/)
  t.match(text.out, /^GET \/audit +200 +entry +audit_claims +any token +none +none$/m)
  t.match(await keyhole(['report', appFile('plain.ts'), '--markdown']), { exit: 0, out: /^## Fields\n/ })
  t.match(await keyhole(['report', appFile('plain.ts'), '--field', 'x']), { exit: 2, err: /There are entry\./ })
})

t.test('routes that take only tokens bound to a key → in a column of their own', async t => {
  const { out } = await keyhole(['report', appFile('bound.ts')])
  t.match(out, /^route +where +field +claim sets +route takes +proof +scopes +roles$/m)
  t.match(out, /^GET \/payments +200 +amount +price_claims +any token +DPoP +prices +/m)
  t.match(out, /^GET \/prices +200 +amount +price_claims +any token {8,}prices +/m)
})

t.test('routes that are only observed → on top, also of one field', async t => {
  for (const words of [[], ['--field', 'id']]) {
    t.match((await keyhole(['report', appFile('observing.ts'), ...words])).out, new RegExp(`^only observed: .* GET /customers/:id +${UNTIL}$`, 'm'))
  }
  t.match((await keyhole(['report', appFile('observing.ts')])).out, /^GET \/customers\/:id +200 +nickname +none +any token +none +none/m)
})

t.test('no fields at all → --field says that there are none', async t => {
  t.match(await keyhole(['report', appFile('empty.ts'), '--field', 'x']), { exit: 2, err: /There are none\./ })
})
