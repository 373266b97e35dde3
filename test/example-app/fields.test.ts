import { isDeepStrictEqual } from 'node:util'
import t, { type Test } from 'tap'
import type { Company, Customer, Person } from '../../example-app/customers/schema.js'
import { generateCustomers } from '../../example-app/customers/generate.js'
import { runApp } from './running-app.js'

/** Two customers whose every value is found nowhere else, not even by chance. */
const PERSON: Person = {
  id: 'marked-person',
  type: 'person',
  name: 'Name-of-the-person',
  email: 'mail-of-the-person@example.com',
  age: 1_270_001_931,
  address: { street: 'Street-of-the-person', city: 'City-of-the-person', region: 'Region-of-the-person', postalCode: 'Code-of-the-person', country: 'Country-of-the-person' },
  banking: {
    iban: 'NL91ABNA0417164300',
    bic: 'PERSNL2A',
    currency: 'PLN',
    balance: 4_270_001_932.25,
    accounts: [
      { kind: 'checking', iban: 'DE75512108001245126199', balance: 4_270_001_933.25 },
      { kind: 'savings', iban: 'FR7630006000011234567890189', balance: 4_270_001_934.25 }
    ]
  }
}

const COMPANY: Company = {
  id: 'marked-company',
  type: 'company',
  name: 'Name-of-the-company',
  email: 'mail-of-the-company@example.com',
  address: { street: 'Street-of-the-company', city: 'City-of-the-company', region: 'Region-of-the-company', postalCode: 'Code-of-the-company', country: 'Country-of-the-company' },
  banking: {
    iban: 'ES7921000813610123456789',
    bic: 'COMPESM1',
    currency: 'CZK',
    balance: 5_270_001_932.25,
    accounts: [{ kind: 'deposit', iban: 'IT60X0542811101000000123456', balance: 5_270_001_933.25 }]
  }
}

/** The second page holds these two and no other customer: their ids come after all generated ones. */
const LIST = '/customers?page=2&pageSize=1000'

/** What each role sees beside `id` and `type`. */
const SEES: Readonly<Record<string, readonly string[]>> = {
  salesperson: ['name', 'email', 'age'],
  manager: ['name', 'email', 'age', 'address'],
  admin: ['name', 'email', 'age', 'address', 'banking'],
  viewer: ['name', 'email'],
  editor: ['name', 'email', 'age']
}

/** The leaves of a value with their JSON pointers. */
function leaves (value: unknown, pointer = ''): [pointer: string, value: unknown][] {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).flatMap(([name, member]) => leaves(member, `${pointer}/${name}`))
    : [[pointer, value]]
}

const GENERATED = await generateCustomers(1000)
const { token, raw } = await runApp(t, [PERSON, COMPANY])

for (const [role, sees] of Object.entries(SEES)) {
  for (const customer of [PERSON, COMPANY]) {
    t.test(`${role}, one ${customer.type} → exactly the fields of the table`, async t => {
      const answer = await raw({ path: `/customers/${customer.id}`, token: await token(role) })
      t.equal(answer.status, 200)
      checkFields(t, customer, sees, answer.body, answer.bytes)
    })

    t.test(`${role}, a list, its ${customer.type} → exactly the fields of the table`, async t => {
      const answer = await raw({ path: LIST, token: await token(role) })
      t.equal(answer.status, 200)
      t.match({ ...answer.body, items: undefined }, { page: 2, pageSize: 1000, total: 1002 })
      t.equal(answer.body.items.length, 2)
      checkFields(t, customer, sees, answer.body.items.find(({ id }: Customer) => id === customer.id), answer.bytes)
    })
  }

  t.test(`${role}, the list of all generated customers → no value of a withheld field anywhere`, async t => {
    const answer = await raw({ path: '/customers?pageSize=1000', token: await token(role) })
    t.equal(answer.body.items.length, 1000)
    const differing = GENERATED.filter((customer, index) =>
      !isDeepStrictEqual(leaves(answer.body.items[index]), leaves(customer).filter(([pointer]) => isSeen(pointer, sees))))
    t.strictSame(differing.map(({ id }) => id), [])
    // A town of one customer stands in the name of another, so only what is one customer's own can be looked for.
    const own = GENERATED.flatMap(customer => leaves(customer).filter(([pointer]) => /email|iban|street/.test(pointer)))
    t.strictSame(own.filter(([pointer, value]) => answer.bytes.includes(String(value)) !== isSeen(pointer, sees)), [])
  })
}

t.test('D52 the scope support, which admin alone holds → the ends of IBANs, and of banking nothing else', async t => {
  const support = await token('admin', 'support')
  const masked = (iban: string) => `••••${iban.slice(-4)}`
  for (const { id, type, banking } of [PERSON, COMPANY]) {
    const shown = { id, type, banking: { iban: masked(banking.iban), accounts: banking.accounts.map(({ iban }) => ({ iban: masked(iban) })) } }
    const one = await raw({ path: `/customers/${id}`, token: support })
    t.strictSame(one.body, shown)
    const list = await raw({ path: LIST, token: support })
    t.strictSame(list.body.items.find((item: Customer) => item.id === id), shown)
    for (const [pointer, value] of leaves({ name: id, banking }).slice(1)) t.notOk(`${one.bytes}${list.bytes}`.includes(String(value)), pointer)
  }
  for (const role of Object.keys(SEES).filter(role => role !== 'admin')) t.notMatch(await token(role, 'support'), /./, `${role} gets no such token`)
})

t.test('no token → 401 and no value of any field', async t => {
  for (const path of ['/customers/marked-person', '/customers/marked-company', LIST, '/customers/nobody']) {
    const { status, bytes, body } = await raw({ path })
    t.equal(status, 401)
    t.equal(body.code, 'FST_KEYHOLE_TOKEN_MISSING')
    for (const [pointer, value] of [...leaves(PERSON), ...leaves(COMPANY)]) t.notOk(pointer !== '/type' && bytes.includes(String(value)), pointer)
  }
})

t.test('unknown customer → 404 with a code', async t => {
  const { status, body } = await raw({ path: '/customers/nobody', token: await token('viewer') })
  t.equal(status, 404)
  t.strictSame(body, { statusCode: 404, code: 'CUSTOMER_UNKNOWN', error: 'Not Found', message: 'There is no such customer.' })
})

t.test('page or page size out of range → 400', async t => {
  const viewer = await token('viewer')
  for (const query of ['page=0', 'pageSize=0', 'pageSize=1001', 'page=x', 'page=1000001', 'page=1e308']) {
    t.equal((await raw({ path: `/customers?${query}`, token: viewer })).status, 400, query)
  }
})

function isSeen (pointer: string, sees: readonly string[]): boolean {
  return ['id', 'type', ...sees].includes(pointer.split('/')[1]!)
}

function checkFields (t: Test, customer: Customer, sees: readonly string[], shown: object, bytes: string): void {
  t.strictSame(leaves(shown), leaves(customer).filter(([pointer]) => isSeen(pointer, sees)))
  for (const [pointer, value] of leaves(customer)) {
    const seen = isSeen(pointer, sees)
    t.equal(bytes.includes(String(value)), seen, `${pointer} ${seen ? 'is there' : 'is nowhere in the answer'}`)
  }
}
