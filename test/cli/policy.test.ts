import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { ORDERS_POLICY } from './apps/orders-policy.js'
import { appFile, keyhole, ORDERS } from './running.js'

async function fileOf (t: Test, content: unknown, name = 'policy.json'): Promise<string> {
  const file = join(t.testdir(), name)
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
  return file
}

t.test('policy check of a good document → 0', async t => {
  const file = await fileOf(t, ORDERS_POLICY)
  t.strictSame(await keyhole(['policy', 'check', file]), { exit: 0, out: `${file}: no faults\n`, err: '' })
})

t.test('policy check of a bad one → 1, every fault with its pointer; no shape at all → the document', async t => {
  const file = await fileOf(t, { ...ORDERS_POLICY, roles: { clerk: ['order', 'price'] } })
  const { exit, out } = await keyhole(['policy', 'check', file])
  t.equal(exit, 1)
  t.match(out, /:\n {2}\/roles\/clerk\/0: unknown scope 'order'; known: orders, .*\n {2}\/roles\/clerk\/1: unknown scope 'price'/)
  t.match(await keyhole(['policy', 'check', await fileOf(t, '[]')]), { exit: 1, out: /\n {2}\(document\): / })
})

t.test('policy check of no file, of no JSON → 2', async t => {
  t.match(await keyhole(['policy', 'check', '/nowhere/policy.json']), { exit: 2, out: '', err: /^\/nowhere\/policy\.json: ENOENT/ })
  t.match(await keyhole(['policy', 'check', await fileOf(t, '{')]), { exit: 2, out: '', err: /policy\.json: no JSON: / })
})

t.test('policy check --app → 1 with names that routes use and the policy lacks; claim sets that no route uses are remarked', async t => {
  const { audit_claims: _, ...claimSets } = ORDERS_POLICY.claimSets
  const lacking = await fileOf(t, { claimSets: { ...claimSets, spare_claims: {} }, scopes: { prices: { reads: ['price_claims'] } }, roles: {} })
  const found = await keyhole(['policy', 'check', lacking, '--app', ORDERS])
  t.equal(found.exit, 1)
  t.strictSame(found.out.split('\n').slice(1), [
    "  /claimSets: routes use 'audit_claims', which the policy lacks",
    "  /scopes: routes take 'orders', which the policy lacks",
    "  /scopes: routes take 'orders:write', which the policy lacks",
    "  /scopes: routes take 'prices:write', which the policy lacks",
    "  remark: the claim set 'spare_claims' names no purpose and no owner",
    "  remark: no route uses the claim set 'spare_claims'",
    ''
  ])
  const spare = await fileOf(t, { ...ORDERS_POLICY, claimSets: { ...ORDERS_POLICY.claimSets, spare_claims: { purpose: 'Whatever comes' } } })
  t.match(await keyhole(['policy', 'check', spare, '--app', ORDERS]), { exit: 0, out: /no faults\n {2}remark: the claim set 'spare_claims' names no owner\n {2}remark: no route uses the claim set 'spare_claims'\n/ })
})

async function diffOf (t: Test, change: object, ...options: string[]) {
  const folder = t.testdir()
  const [before, after] = [join(folder, 'old.json'), join(folder, 'new.json')]
  await writeFile(before, JSON.stringify(ORDERS_POLICY))
  await writeFile(after, JSON.stringify({ ...ORDERS_POLICY, ...change }))
  return await keyhole(['policy', 'diff', before, after, '--app', ORDERS, ...options])
}

const GAIN = { roles: { ...ORDERS_POLICY.roles, clerk: ['orders', 'orders:write', 'prices'] } }
const LOSS = { roles: { ...ORDERS_POLICY.roles, boss: ['orders'] } }

t.test('policy diff where somebody gains a field → 1; --allow-gain → 0, with the same words', async t => {
  const { exit, out } = await diffOf(t, GAIN)
  t.equal(exit, 1)
  t.match(out, /^who +change +how +route +where +fields\nclerk +gains +reads +GET \/orders\/:id +200 +lines\.\*\.price margin\.rate\nclerk +gains +asks by +GET \/orders +query +minPrice\n\nSomebody gains a field\.\n$/)
  t.strictSame(await diffOf(t, GAIN, '--allow-gain'), { exit: 0, out, err: '' })
})

t.test('policy diff where nobody gains, or nothing changes → 0', async t => {
  t.match(await diffOf(t, LOSS), { exit: 0, out: /boss +loses +reads .*\n\nNobody gains a field\.\n$/s })
  t.strictSame(await diffOf(t, {}), { exit: 0, out: 'Nobody gains or loses a field.\n', err: '' })
})

t.test('policy diff --markdown, --json → for a pull request, for a program', async t => {
  t.strictSame(await diffOf(t, {}, '--markdown'), { exit: 0, out: '### Policy: Nobody gains or loses a field.\n', err: '' })
  const { out } = await diffOf(t, GAIN, '--markdown')
  t.match(out, '### Policy: Somebody gains a field.\n\n| who | change | how | route | where | fields |\n| --- |')
  t.match(out, '| clerk | gains | reads | GET /orders/:id | 200 | `lines.*.price margin.rate` |\n')
  t.match(JSON.parse((await diffOf(t, GAIN, '--json')).out), [{ holder: 'clerk', change: 'gains', fields: ['lines.*.price', 'margin.rate'] }, {}])
})

t.test('policy diff of a refused policy, or without an application → 2', async t => {
  t.match(await diffOf(t, { roles: { clerk: ['x'] } }), { exit: 2, err: /new\.json: The policy was refused:\n {2}\/roles\/clerk\/0/ })
  t.match(await keyhole(['policy', 'diff', 'a.json', 'b.json']), { exit: 2, err: /required option '--app <app>' not specified/ })
  t.match(await diffOf(t, {}, '--app', appFile('nothing.ts')), { exit: 2, err: /no application/ })
})

t.test('policy explain → each field, released or not, and why', async t => {
  const { exit, out } = await keyhole(['policy', 'explain', 'clerk', 'GET /orders/:id', '--app', ORDERS])
  t.equal(exit, 0)
  t.match(out, /^where +field +clerk +why\n/)
  t.match(out, /^200 +lines\.\*\.article +yes +orders reads order_claims$/m)
  t.match(out, /^200 +lines\.\*\.price +no +takes prices, to read price_claims$/m)
  const json = await keyhole(['policy', 'explain', 'clerk', 'GET /orders', '--app', ORDERS, '--json'])
  t.match(JSON.parse(json.out), [{ field: '*', released: true }, { part: 'query', field: 'page' }, { part: 'query', field: 'minPrice', released: false }])
  t.strictSame(await keyhole(['policy', 'explain', 'clerk', 'DELETE /orders/:id', '--app', ORDERS]), { exit: 0, out: 'clerk: nothing but errors leaves this route, and it takes nothing.\n', err: '' })
})

t.test('policy explain of no role, of no route → 2, and those that there are', async t => {
  t.match(await keyhole(['policy', 'explain', 'clark', 'GET /orders', '--app', ORDERS]), { exit: 2, err: /There is no role clark\. The policy has clerk, / })
  t.match(await keyhole(['policy', 'explain', 'clerk', 'GET /order', '--app', ORDERS]), { exit: 2, err: /There is no guarded route GET \/order\. There are GET \/orders\/:id, / })
  t.match(await keyhole(['policy', 'explain', 'clerk', 'GET /x', '--app', appFile('empty.ts')]), { exit: 2, err: /There are none\./ })
  t.match(await keyhole(['policy', 'explain', 'clerk', 'GET /x', '--app', appFile('roleless.ts')]), { exit: 2, err: /The policy has none\./ })
})
