import { randomBytes } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import type { Masks } from '../../lib/release/masks.js'
import { bootFaults, guardedApp, POLICY as BASE, type Setting } from './resource-guard-app.js'
import { tokenApp } from './token-endpoint-app.js'

/** Masks through the plugins: at boot, in answers, in bodies and queries, in the log, in a client's own claims. */

const IBAN = 'DE89370400440532013000'

const POLICY = {
  claimSets: { ...BASE.claimSets, support_claims: {}, match_claims: {} },
  scopes: { ...BASE.scopes, support: { reads: ['support_claims'] }, match: { reads: ['match_claims'] }, 'support:write': { writes: ['support_claims'] } },
  roles: { helpdesk: ['support', 'profile'], manager: ['support', 'profile', 'address'] }
}

const iban = claimSet('banking_claims', Type.String(), { mask: { hash: 'match_claims', last4: 'support_claims' } })
const Customer = Type.Object({
  id: claimSet(ANY_TOKEN, Type.String()),
  name: claimSet('profile_claims', Type.String(), { mask: { initials: ['support_claims', 'match_claims'] } }),
  banking: claimSet('banking_claims', Type.Object({ iban, balance: Type.Number() }))
})

const JANE = { id: '1', name: 'Jane Doe', banking: { iban: IBAN, balance: 1234.5 } }

const maskKey = randomBytes(32)

const app = (t: Test, row: () => object = () => JANE, options: Setting['options'] = {}) => guardedApp(t, api => {
  api.get('/customer', { schema: { querystring: Type.Object({ iban: Type.Optional(iban) }), response: { 200: Customer } } }, async () => row())
  api.get('/customers', { schema: { response: { 200: Type.Array(Customer) } } }, async () => [row(), JANE])
  api.patch('/customer', { schema: { body: Type.Object({ banking: Type.Optional(Type.Object({ iban })) }), response: { 200: Customer } } }, async () => row())
}, { options: { policy: POLICY, maskKey, ...options } })

t.test('a scope that reads the claim set of a mask → the mask, by what comes first; the field for who may see it', async t => {
  const { get } = await app(t)
  const seen = async (scope: string) => (await get('/customer', scope)).json()
  t.strictSame(await seen(''), { id: '1' })
  t.strictSame(await seen('support'), { id: '1', name: 'J. D.', banking: { iban: '••••3000' } })
  t.match(await seen('support match'), { name: 'J. D.', banking: { iban: /^[\w-]{43}$/ } })
  t.strictSame(await seen('support banking'), { id: '1', name: 'J. D.', banking: JANE.banking })
  t.strictSame(await seen('profile banking support match'), JANE)
})

t.test('D53 hash → equal for equal values in all answers of one key, another for another key', async t => {
  const hashes = async (key: Buffer) => {
    const { get } = await app(t, () => ({ ...JANE, id: '2' }), { maskKey: key })
    return [(await get('/customer', 'match')).json(), ...(await get('/customers', 'match')).json()].map(({ banking }) => banking.iban)
  }
  const mine = await hashes(maskKey)
  t.equal(new Set(mine).size, 1)
  t.not(mine[0], (await hashes(randomBytes(32)))[0])
})

t.test('D53 a masked field → not to be asked by: its mask gives no right to read it', async t => {
  const { get } = await app(t)
  const refused = await get(`/customer?iban=${IBAN}`, 'support match')
  t.equal(refused.statusCode, 403)
  t.match(refused.headers['www-authenticate'], /scope="banking"/)
  t.equal((await get(`/customer?iban=${IBAN}`, 'banking')).statusCode, 200)
})

t.test('a body with a masked field → not to be written by who sees or writes the claim set of the mask', async t => {
  const { get } = await app(t)
  const write = (scope: string) => get('/customer', scope, { method: 'PATCH', payload: { banking: { iban: IBAN } } })
  t.equal((await write('support support:write')).statusCode, 403)
  const written = await write('support banking:write')
  t.strictSame(written.json(), { id: '1', name: 'J. D.', banking: { iban: '••••3000' } })
})

t.test('D52 what cannot be masked → nothing of it, and no error', async t => {
  for (const [value, shown] of [['123', '••••••••'], ['', '••••••••'], [12345678, '••••••••'], [[IBAN], '••••••••'], [{ iban: IBAN }, '••••••••'], [null, ''], ['1234567😀', '••••567😀'], ['12345\ud83d', '••••••••']]) {
    const { get } = await app(t, () => ({ ...JANE, banking: { iban: value } }))
    t.strictSame((await get('/customer', 'support')).json(), { id: '1', name: 'J. D.', banking: { iban: shown } })
  }
})

t.test('two customers that differ in what is masked alike → the same bytes', async t => {
  const { get: one } = await app(t)
  const { get: other } = await app(t, () => ({ id: '1', name: 'Jack Daniels', banking: { iban: 'NL00000000000000000000000000003000', balance: 7, more: 1 } }))
  const [mine, theirs] = await Promise.all([one, other].map(get => get('/customer', 'support')))
  t.equal(mine!.payload, theirs!.payload)
  t.strictSame({ ...mine!.headers, date: '' }, { ...theirs!.headers, date: '' })
})

t.test('a mask of the application that throws or lies → 500 without a word, the log names mask and field, never the value', async t => {
  const masks: Masks = {
    throwing: { result: { type: 'string' }, mask: value => { throw new Error(String(value)) } },
    lying: { result: { type: 'string', maxLength: 4 }, mask: value => value }
  }
  const routes = (mask: string): Setting => ({ options: { policy: POLICY, masks: { [mask]: masks[mask]! } } })
  for (const mask of ['throwing', 'lying']) {
    const { get, log } = await guardedApp(t, api => {
      const schema = Type.Object({ items: Type.Array(Type.Object({ iban: claimSet('banking_claims', Type.String(), { mask: { [mask]: 'support_claims' } }) })) })
      api.get('/customers', { schema: { response: { 200: schema } } }, async () => ({ items: [{ iban: IBAN }] }))
    }, routes(mask))
    const answer = await get('/customers', 'support')
    t.equal(answer.statusCode, 500)
    t.strictSame(answer.json(), { statusCode: 500, code: 'FST_KEYHOLE_MASK_FAILED', error: 'Internal Server Error', message: 'Internal Server Error' })
    t.match(log.text(), `The mask '${mask}' failed on /items/*/iban.`)
    t.notMatch(log.text(), IBAN)
    t.equal((await get('/customers', 'banking')).statusCode, 200)
  }
})

t.test('who sees what masked → told by name: audit', async t => {
  const events: unknown[] = []
  const { get } = await app(t, undefined, { audit: { hook: event => { events.push(event) } } })
  await get('/customer', 'support')
  t.match(events, [{ released: ['id'], masked: ['name', 'banking.iban'], withheld: ['banking.balance'] }])
})

t.test('masks that cannot be → the boot stops, with all faults', async t => {
  const faults = await bootFaults(t, api => {
    const schema = Type.Object({
      a: claimSet('banking_claims', Type.String(), { mask: { hash: 'support_claims' } }),
      b: claimSet('banking_claims', Type.String(), { mask: { last5: 'suport_claims' } }),
      c: claimSet('banking_claims', Type.String({ pattern: '^[A-Z]' }), { mask: { last4: 'support_claims' } })
    })
    api.get('/customers', { schema: { response: { 200: schema } } }, async () => ({}))
    api.post('/customers', { schema: { body: Type.Pick(schema, ['c']) } }, async () => '')
  }, { options: { policy: POLICY } })
  t.strictSame(faults.sort(), [
    "GET /customers, response 200: /a: the mask 'hash' takes a key. Write the option maskKey: at least 32 random bytes, from where you keep secrets.",
    "GET /customers, response 200: /b: there is no mask 'last5'; there are last4, email, year, initials, null, hash. Register yours with the option masks.",
    "GET /customers, response 200: unknown claim set 'suport_claims' on /b. The policy has profile_claims, contact_claims, address_claims, banking_claims, support_claims, match_claims.",
    "GET /customers, response 200: /c: what the mask 'last4' gives could break its 'pattern', so those who check answers would refuse it. Take 'pattern' off the schema of the answer, or mask it otherwise."
  ].sort())
})

t.test('a client\'s own claims → masked by the same code, under the claim set of the mask', async t => {
  const subjectClaims = Type.Object({
    name: claimSet('profile_claims', Type.String()),
    iban: claimSet(['banking_claims', 'contact_claims'], Type.String(), { mask: { hash: 'match_claims', last4: ['match_claims', 'support_claims', 'profile_claims'] } }),
    phone: claimSet('contact_claims', Type.String(), { mask: { area: 'support_claims' } })
  })
  const masks: Masks = { area: { result: { type: 'string' }, mask: value => { if (value === 'bad') throw new Error('bad'); return String(value).slice(0, 3) } } }
  const { store, post, request } = await tokenApp(t, { options: { policy: POLICY, subjectClaims, maskKey, masks } })
  const claims = { name: 'Help', iban: IBAN, phone: '+31205551234' }
  const helpdesk = await store.clients.create({ id: 'helpdesk', roles: ['helpdesk'], claims })
  const answer = (await post(request(helpdesk))).json()
  t.strictSame(answer.claims, { profile_claims: { name: 'Help' }, support_claims: { iban: '••••3000', phone: '+31' } })
  const bad = await store.clients.create({ id: 'bad', roles: ['helpdesk'], claims: { ...claims, phone: 'bad' } })
  const refused = await post(request(bad))
  t.equal(refused.statusCode, 500)
  t.notMatch(refused.payload, IBAN)
  await t.rejects(tokenApp(t, { options: { policy: POLICY, subjectClaims, masks } }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /the mask 'hash' takes a key/ })
})
