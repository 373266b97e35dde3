import t, { type Test } from 'tap'
import { runApp } from './running-app.js'

const ID = 'c-0001'
const COMPANY_ID = 'c-0004'

const { token, raw } = await runApp(t)
const admin = await token('admin')
const editor = await token('editor', 'profile profile:write')

const customer = async (id = ID) => (await raw({ path: `/customers/${id}`, token: admin })).body
const change = (token: string, body: unknown, id = ID) => raw({ method: 'PATCH', path: `/customers/${id}`, token, body })

t.test('editor with profile:write changes the email → 200, shown as an editor sees it, and changed', async t => {
  const before = await customer()
  const { status, body } = await change(editor, { email: 'changed@example.com' })
  t.equal(status, 200)
  const { id, type, name, age } = before
  t.strictSame(body, { id, type, name, email: 'changed@example.com', age })
  t.strictSame(await customer(), { ...before, email: 'changed@example.com' })
})

t.test('editor who did not ask for profile:write → 403, nothing changed', async t => {
  await isRefused(t, await token('editor'), { email: 'other@example.com' }, 'profile:write')
})

t.test('salesperson → 403 naming the scope that would do, nothing changed', async t => {
  await isRefused(t, await token('salesperson'), { email: 'other@example.com' }, 'profile:write')
})

t.test('salesperson asks for profile:write → no token', async t => {
  t.equal(await token('salesperson', 'profile profile:write'), undefined)
})

t.test('editor sends an IBAN → 403, nothing changed, also not what comes along', async t => {
  await isRefused(t, editor, { banking: { iban: 'NL91ABNA0417164300' } }, 'banking:write')
  await isRefused(t, editor, { email: 'other@example.com', banking: { iban: 'NL91ABNA0417164300' } }, 'banking:write')
})

t.test('editor sends an address → 403, nothing changed', async t => {
  await isRefused(t, editor, { address: { city: 'Elsewhere' } }, 'address:write')
})

t.test('admin with all scopes for writing changes a part of address and banking → the other parts stay', async t => {
  const before = await customer()
  const all = await token('admin', 'profile:write address:write banking:write address banking')
  const { status, body } = await change(all, { age: 44, address: { city: 'Utrecht' }, banking: { iban: 'NL91ABNA0417164300' } })
  t.equal(status, 200)
  const { id, type, address, banking } = before
  const after = { address: { ...address, city: 'Utrecht' }, banking: { ...banking, iban: 'NL91ABNA0417164300' } }
  t.strictSame(body, { id, type, ...after })
  t.strictSame(await customer(), { ...before, age: 44, ...after })
})

t.test('a field that is not declared, the id, a value out of its schema → 400, nothing changed', async t => {
  const before = await customer()
  for (const body of [{ nickname: 'x' }, { id: 'c-0002' }, { type: 'company' }, { email: 'no address' }, { name: '' }, { age: -1 }]) {
    t.equal((await change(editor, body)).status, 400, JSON.stringify(body))
  }
  t.strictSame(await customer(), before)
})

t.test('text with a control character, at whose NUL SQLite would end it → 400, nothing changed, and the customer can still be read', async t => {
  const before = await customer()
  for (const text of ['\0', 'Jane\0Doe', 'Jane\nDoe', '\x7f', '\u0085']) {
    t.equal((await change(editor, { name: text })).status, 400, JSON.stringify(text))
    t.equal((await change(await token('admin', 'address:write'), { address: { city: text } })).status, 400, `city ${JSON.stringify(text)}`)
  }
  t.strictSame(await customer(), before)
})

t.test('an age that nobody has → 400, nothing changed', async t => {
  const before = await customer()
  for (const age of [-1, 151, 1e300, 2 ** 53]) t.equal((await change(editor, { age })).status, 400, String(age))
  t.strictSame(await customer(), before)
})

t.test('the age of a company → 400 with a code, nothing changed', async t => {
  const before = await customer(COMPANY_ID)
  const { status, body } = await change(editor, { age: 44, name: 'Other' }, COMPANY_ID)
  t.equal(status, 400)
  t.strictSame(body, { statusCode: 400, code: 'CUSTOMER_AGE_REFUSED', error: 'Bad Request', message: 'A company has no age.' })
  t.strictSame(await customer(COMPANY_ID), before)
})

t.test('the name of a company → changed', async t => {
  t.match((await change(editor, { name: 'Other' }, COMPANY_ID)).body, { type: 'company', name: 'Other' })
})

t.test('unknown customer → 404 with a code', async t => {
  const { status, body } = await change(editor, { email: 'other@example.com' }, 'nobody')
  t.equal(status, 404)
  t.equal(body.code, 'CUSTOMER_UNKNOWN')
})

async function isRefused (t: Test, token: string, body: unknown, scope: string): Promise<void> {
  const before = await customer()
  const answer = await change(token, body)
  t.equal(answer.status, 403)
  t.equal(answer.body.code, 'FST_KEYHOLE_INSUFFICIENT_SCOPE')
  t.match(answer.bytes, `www-authenticate: Bearer error="insufficient_scope", scope="${scope}"`)
  t.strictSame(await customer(), before)
}
