import Fastify from 'fastify'
import t from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'
import type { PolicyDocument } from '../../lib/policy/document.js'
import { factsOf } from '../../lib/report/facts.js'
import { policyDiff } from '../../lib/report/policy-diff.js'
import orders from '../cli/apps/orders.js'
import { ORDERS_POLICY } from '../cli/apps/orders-policy.js'

const app = Fastify()
app.register(orders)
await app.ready()
t.teardown(() => app.close())
const routes = factsOf(app.server).flatMap(guard => guard.routes())

function diff (changes: Partial<PolicyDocument>, from: Partial<PolicyDocument> = {}) {
  return policyDiff(createPolicy({ ...ORDERS_POLICY, ...from }).current, createPolicy({ ...ORDERS_POLICY, ...changes }).current, routes)
    .map(({ holder, change, route, part, fields }) => `${holder} ${change} ${part} of ${route}: ${fields.join(' ')}`)
}

const { roles, scopes } = ORDERS_POLICY

function byHolder (one: string, other: string): number {
  return one < other ? -1 : 1
}

t.test('the same policy, or one that differs in words → nothing', async t => {
  t.strictSame(diff({}), [])
  t.strictSame(diff({ claimSets: { ...ORDERS_POLICY.claimSets, order_claims: { purpose: 'Orders' } } }), [])
})

t.test('a role with a further scope → gains its fields where it may call; without one it loses them', async t => {
  const gained = diff({ roles: { ...roles, clerk: ['orders', 'orders:write', 'prices'] } })
  t.strictSame(gained, [
    'clerk gains response of GET /orders/:id: lines.*.price margin.rate',
    'clerk gains query of GET /orders: minPrice'
  ])
  t.strictSame(diff({}, { roles: { ...roles, clerk: ['orders', 'orders:write', 'prices'] } }), gained.map(line => line.replace('gains', 'loses')))
})

t.test('a scope that reads more → every role of it gains', async t => {
  t.strictSame(diff({ scopes: { ...scopes, orders: { reads: ['order_claims', 'audit_claims'] } } }), [
    'clerk gains response of GET /orders/:id: payer.kind',
    'boss gains response of GET /orders/:id: payer.kind'
  ])
})

t.test('a scope that writes more → a gain, too', async t => {
  t.strictSame(diff({ scopes: { ...scopes, 'orders:write': { writes: ['order_claims', 'price_claims'] } } }), ['clerk gains body of PUT /orders/:id: lines.*.price'])
})

t.test('a route that a role may call from now on → all that it reads there, and what is raw', async t => {
  t.strictSame(diff({ roles: { ...roles, nobody: ['orders'] } }).sort(byHolder), [
    'nobody gains response of GET /orders/:id: id lines.*.article margin.currency payer.holder payer.bank',
    'nobody gains response of GET /orders/:id: reason',
    'nobody gains response of GET /orders: *',
    'nobody gains response of GET /export: ',
    'controller with nobody gains response of GET /orders/:id: lines.*.price margin.rate'
  ].sort(byHolder))
})

t.test('a role that reads more without being let in → a gain for whoever holds another one that is', async t => {
  t.strictSame(diff({ roles: { ...roles, controller: ['prices', 'prices:write', 'audit'] } }), ['clerk with controller gains response of GET /orders/:id: payer.kind'])
})

t.test('a role that is new, or gone → gains or loses everything', async t => {
  t.strictSame(diff({ roles: { ...roles, auditor: ['audit', 'orders'] } }).filter(line => !/^(controller with )?auditor gains/.test(line)), [])
  const { boss, ...others } = roles
  t.strictSame(diff({ roles: others }).map(line => line.split(' ').slice(0, 2).join(' ')).filter((line, index, lines) => lines.indexOf(line) === index), ['boss loses'])
})

t.test('a scope that no role holds → on its own, on every route, since foreign tokens may carry others beside it', async t => {
  t.strictSame(diff({ scopes: { ...scopes, audit: { reads: ['audit_claims', 'price_claims'] } } }), [
    'scope audit gains response of GET /orders/:id: lines.*.price margin.rate',
    'scope audit gains query of GET /orders: minPrice'
  ])
})

t.test('gains and losses → gains first', async t => {
  const changes = diff({ roles: { ...roles, clerk: ['prices', 'orders:write'] } }).map(line => /gains|loses/.exec(line)![0])
  t.ok(changes.includes('gains') && changes.includes('loses'))
  t.strictSame(changes, [...changes].sort())
})
