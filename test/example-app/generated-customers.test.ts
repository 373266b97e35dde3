import { createHash } from 'node:crypto'
import { Value } from '@sinclair/typebox/value'
import { FormatRegistry } from '@sinclair/typebox'
import t from 'tap'
import { generateCustomers } from '../../example-app/customers/generate.js'
import { CustomerSchema } from '../../example-app/customers/schema.js'

FormatRegistry.Set('email', text => /^[a-z0-9]+(?:\.[a-z0-9]+)*@example\.com$/.test(text))

const HASH = '44c75b93e75687ebc40335ecf6bdbc7c84ac99fda6d973634953816cf7446b08'

const customers = await generateCustomers(1000)

t.test('generated twice → the same customers, on every machine', async t => {
  t.strictSame(await generateCustomers(1000), customers)
  t.equal(createHash('sha256').update(JSON.stringify(customers)).digest('hex'), HASH)
})

t.test('generated → persons and companies that fit their schema, each id and address of its own', async t => {
  t.strictSame(customers.filter(customer => !Value.Check(CustomerSchema, customer)), [])
  t.equal(customers.filter(({ type }) => type === 'company').length, 250)
  t.equal(new Set(customers.map(({ id }) => id)).size, 1000)
  t.equal(new Set(customers.map(({ email }) => email)).size, 1000)
})

t.test('generated → every IBAN has the right checksum, balances add up', async t => {
  for (const { banking } of customers) {
    if (banking.accounts[0]!.iban !== banking.iban) t.fail(`${banking.iban} is not the first account`)
    for (const { iban } of banking.accounts) if (!hasRightChecksum(iban)) t.fail(iban)
    const cents = banking.accounts.reduce((sum, { balance }) => sum + Math.round(balance * 100), 0)
    if (cents !== Math.round(banking.balance * 100)) t.fail(`${banking.iban}: ${banking.balance}`)
  }
  t.ok(hasRightChecksum('NL91ABNA0417164300'))
  t.notOk(hasRightChecksum('NL91ABNA0417164301'))
})

/** ISO 13616: the first four characters go to the end, letters count from 10, and the number is 1 modulo 97. */
function hasRightChecksum (iban: string): boolean {
  const digits = (iban.slice(4) + iban.slice(0, 4)).replace(/[A-Z]/g, letter => String(parseInt(letter, 36)))
  return BigInt(digits) % 97n === 1n
}
