import t from 'tap'
import { createQueryCheck } from '../../lib/release/query-check.js'
import { CLAIM_SETS, object, string } from './releasing.js'

const Query = object({
  page: { type: 'integer' },
  id: string('*'),
  name: string(['profile', 'contact']),
  minBalance: { type: 'number', claimSet: 'banking' }
}, { patternProperties: { '^x-': string('address') } })

const check = createQueryCheck(Query)

t.test('D77 a field of claim sets that the token cannot read → refused, with the claim sets of which one would do', async t => {
  t.strictSame(check.refusal(['page', 'minBalance'], new Set(['profile'])), { name: 'minBalance', claimSets: ['banking'] })
  t.strictSame(check.refusal(['name'], new Set()), { name: 'name', claimSets: ['profile', 'contact'] })
  t.strictSame(check.refusal(['x-city'], new Set(['banking'])), { name: 'x-city', claimSets: ['address'] })
})

t.test('fields that the token can read, that are for any token, that have no claim set, that are not declared → none', async t => {
  t.equal(check.refusal(['page', 'id', 'name', 'x-city', 'other'], new Set(['contact', 'address'])), undefined)
  t.equal(check.refusal([], new Set()), undefined)
})

t.test('the first of several → in the order asked', async t => {
  t.equal(check.refusal(['x-city', 'minBalance'], new Set())!.name, 'x-city')
  t.equal(check.refusal(['minBalance', 'x-city'], new Set())!.name, 'minBalance')
})

t.test('D82 isDeclared → by name or pattern, no other', async t => {
  for (const name of ['page', 'id', 'name', 'minBalance', 'x-city']) t.equal(check.isDeclared(name), true, name)
  for (const name of ['orderBy', 'PAGE', 'constructor', '__proto__', 'page[]', '']) t.equal(check.isDeclared(name), false, name)
  t.equal(createQueryCheck(object({}, { additionalProperties: { type: 'string' } })).isDeclared('anything'), true)
})

t.test('an object in a query → by all that is in it', async t => {
  const nested = createQueryCheck(object({ filter: object({ name: string('profile'), balance: string('banking') }) }))
  t.strictSame(nested.refusal(['filter'], new Set(['profile'])), { name: 'filter', claimSets: ['banking'] })
  t.equal(nested.refusal(['filter'], new Set(['profile', 'banking'])), undefined)
})

t.test('parts and references → all of their fields', async t => {
  const merged = createQueryCheck({ allOf: [{ $ref: 'Paging' }, object({ balance: string('banking') })] }, { shared: { Paging: { $id: 'Paging', ...object({ page: { type: 'integer' } }) } } })
  t.strictSame(merged.faults, [])
  t.equal(merged.isDeclared('page'), true)
  t.strictSame(merged.refusal(['page', 'balance'], new Set()), { name: 'balance', claimSets: ['banking'] })
})

t.test('the claim sets → those that the schema names', async t => { t.strictSame(check.claimSets, ['address', 'banking', 'contact', 'profile']) })

t.test('a field without claim sets → no fault; an unknown one → a fault', async t => {
  t.strictSame(createQueryCheck(object({ page: { type: 'integer' }, a: string('x') }), { known: CLAIM_SETS }).faults, [{ kind: 'unknown claim set', pointer: '/a', name: 'x' }])
})
