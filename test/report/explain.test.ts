import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import { explain } from '../../lib/report/explain.js'
import { factsOf, type RouteFacts } from '../../lib/report/facts.js'
import { report } from '../../lib/report/report.js'
import resourceGuard from '../../plugins/resource-guard.js'
import observing from '../cli/apps/observing.js'
import orders from '../cli/apps/orders.js'
import { ORDERS_POLICY } from '../cli/apps/orders-policy.js'
import { GUARD } from '../plugins/resource-guard-app.js'

const policy = createPolicy({ ...ORDERS_POLICY, scopes: { ...ORDERS_POLICY.scopes, ledger: { reads: ['order_claims'] } }, roles: { ...ORDERS_POLICY.roles, boss: ['orders', 'ledger'] } }).current

async function routesOf (t: Test): Promise<Map<string, RouteFacts>> {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(orders)
  await app.ready()
  return new Map(factsOf(app.server).flatMap(guard => guard.routes()).map(route => [route.name, route]))
}

t.test('each field → released or not, and why', async t => {
  const routes = await routesOf(t)
  const why = (role: string, route: string) => Object.fromEntries(explain(policy, role, routes.get(route)!).map(({ field, released, why }) => [field, `${released}: ${why}`]))
  t.strictSame(why('boss', 'GET /orders/:id'), {
    id: 'true: for any token',
    'lines.*.article': 'true: orders and ledger read order_claims',
    'lines.*.price': 'false: takes prices, to read price_claims',
    'margin.currency': 'true: for any token',
    'margin.rate': 'false: takes prices, to read price_claims',
    'payer.kind': 'false: takes audit, to read audit_claims',
    'payer.holder': 'true: orders and ledger read order_claims',
    'payer.bank': 'true: orders and ledger read order_claims',
    reason: 'true: for any token'
  })
  t.match(why('controller', 'GET /orders/:id'), {
    id: 'false: the route takes orders; for any token',
    'lines.*.price': 'false: the route takes orders; prices reads price_claims'
  })
  t.strictSame(why('controller', 'PUT /orders/:id'), {
    'lines.*.article': 'false: takes orders:write, to write order_claims',
    'lines.*.price': 'true: prices:write writes price_claims',
    '': 'true: for any token'
  })
})

t.test('a tuple of which an item is withheld → all of it is, for a role as in the report', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const Pair = Type.Tuple([claimSet(ANY_TOKEN, Type.String()), claimSet('order_claims', Type.String()), claimSet('price_claims', Type.Number())])
  app.register(async api => {
    await api.register(resourceGuard, { ...GUARD, policy: ORDERS_POLICY })
    api.get('/pair', { schema: { response: { 200: Type.Object({ pair: Pair, sum: claimSet('audit_claims', Type.Number()) }) } } }, async () => null)
  })
  const { rows } = await report(app)
  t.strictSame(rows.map(({ field, roles }) => [field, roles.join(' ')]), [['pair.0', 'boss'], ['pair.1', 'boss'], ['pair.2', 'boss'], ['sum', '']])
  const [route] = factsOf(app.server)[0]!.routes()
  t.strictSame(explain(createPolicy(ORDERS_POLICY).current, 'clerk', route!).map(({ released, why }) => `${released}: ${why}`), [
    'false: within a tuple of which another item is withheld',
    'false: within a tuple of which another item is withheld',
    'false: takes prices, to read price_claims',
    'false: takes audit, to read audit_claims'
  ])
  const { audit, ...scopes } = ORDERS_POLICY.scopes
  t.match(explain(createPolicy({ ...ORDERS_POLICY, scopes }).current, 'clerk', route!).at(-1), { released: false, why: 'no scope reads audit_claims' })
})

t.test('a field without a claim set, on a route that is only observed → nobody gets at it once that ends', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(observing)
  await app.ready()
  const [route] = factsOf(app.server)[0]!.routes()
  t.match(explain(policy, 'boss', route!).map(({ field, released, why }) => [field, released, why]), [
    ['id', true, 'for any token'],
    ['nickname', false, 'it has no claim set yet'],
    ['name', false, 'no scope reads profil_claims']
  ])
})
