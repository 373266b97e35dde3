import Fastify from 'fastify'
import t, { type Test } from 'tap'
import { report } from '../../lib/report/report.js'
import resourceGuard from '../../plugins/resource-guard.js'
import { GUARD } from '../plugins/resource-guard-app.js'
import observing, { UNTIL } from '../cli/apps/observing.js'
import orders from '../cli/apps/orders.js'

async function ordersReport (t: Test) {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(orders)
  return await report(app)
}

t.test('the fields of a response → with their claim sets, scopes and roles, alone and beside another role', async t => {
  const { rows, policies } = await ordersReport(t)
  const row = (route: string, field: string, part = 'response') => rows.find(row => row.route === route && row.field === field && row.part === part)
  t.match(policies, [/^sha256-/])
  t.strictSame(row('GET /orders/:id', 'lines.*.price'), {
    route: 'GET /orders/:id',
    part: 'response',
    status: '200',
    mediaType: '',
    field: 'lines.*.price',
    mask: '',
    claimSets: ['price_claims'],
    scopes: ['prices'],
    routeScopes: ['orders'],
    mustBeBound: false,
    roles: ['boss'],
    rolesBesideOthers: ['controller'],
    reveals: ['length']
  })
  t.match(row('GET /orders/:id', 'id'), { claimSets: ['*'], scopes: [], roles: ['clerk', 'boss'], rolesBesideOthers: [] })
  t.match(row('GET /orders/:id', 'reason'), { status: '404', mediaType: 'application/json' })
  t.match(row('GET /orders/:id', 'payer.kind'), { claimSets: ['audit_claims'], scopes: ['audit'], roles: [], rolesBesideOthers: [] })
  t.match(row('GET /orders', '*'), { routeScopes: undefined, roles: ['clerk', 'boss'], reveals: [] })
})

t.test('the fields of a body → with who writes them; those of a query → with who may ask by them', async t => {
  const { rows } = await ordersReport(t)
  t.match(rows.filter(({ part }) => part === 'body'), [
    { route: 'PUT /orders/:id', status: '', field: 'lines.*.article', scopes: ['orders:write'], roles: ['clerk'], reveals: [] },
    { route: 'PUT /orders/:id', status: '', field: 'lines.*.price', scopes: ['prices:write'], roles: ['controller'], reveals: [] }
  ])
  t.match(rows.filter(({ part }) => part === 'query'), [
    { route: 'GET /orders', field: 'page', claimSets: ['*'], roles: ['clerk', 'controller', 'boss', 'nobody'] },
    { route: 'GET /orders', field: 'minPrice', claimSets: ['price_claims'], roles: ['controller', 'boss'] }
  ])
})

t.test('a body by media type → under each', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const schema = { type: 'object', properties: { name: { type: 'string', claimSet: 'profile_claims' } } }
  app.register(async api => {
    await api.register(resourceGuard, GUARD)
    api.patch('/a', { schema: { body: { content: { 'application/json': { schema }, 'application/merge-patch+json': { schema } } } } }, async () => null)
  })
  t.match((await report(app)).rows, [{ part: 'body', mediaType: 'application/json' }, { part: 'body', mediaType: 'application/merge-patch+json' }])
})

t.test('D16, D47, D49, D66, D116 what is raw, public, without schema, revealing or for any token → on top', async t => {
  const { notices, rows } = await ordersReport(t)
  t.strictSame(notices, [
    { kind: 'raw', route: 'GET /export', where: '', fields: [], reason: 'the bank reads CSV' },
    { kind: 'public', route: 'GET /terms', where: '', fields: [], reason: '' },
    { kind: 'closed', route: 'DELETE /orders/:id', where: '', fields: [], reason: '' },
    { kind: 'reveals parent', route: 'GET /orders/:id', where: '200', fields: ['margin.currency'], reason: '' },
    { kind: 'reveals branch', route: 'GET /orders/:id', where: '200', fields: ['payer.kind', 'payer.holder', 'payer.bank'], reason: '' },
    { kind: 'reveals length', route: 'GET /orders/:id', where: '200', fields: ['lines'], reason: '' },
    { kind: 'any token', route: 'GET /orders/:id', where: '200', fields: ['id', 'margin.currency'], reason: '' },
    { kind: 'any token', route: 'GET /orders/:id', where: '404, application/json', fields: ['reason'], reason: '' },
    { kind: 'any token', route: 'PUT /orders/:id', where: '204', fields: [''], reason: '' }
  ])
  t.match(rows.filter(({ route }) => route === 'GET /export'), [{ field: '', status: '', claimSets: ['*'], roles: ['clerk', 'boss'] }], 'what is raw is one whole value')
  t.strictSame(rows.filter(({ route }) => route.startsWith('HEAD') || route === 'GET /unguarded'), [], 'twins and unguarded routes are left out')
})

t.test('routes that are only observed → on top, with the last day; raw ones stay raw, public ones are not observed', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(observing)
  const { notices } = await report(app)
  t.strictSame(notices, [
    { kind: 'raw', route: 'GET /export', where: '', fields: [], reason: 'the bank reads CSV' },
    { kind: 'observing', route: 'GET /customers/:id', where: '', fields: [], reason: UNTIL },
    { kind: 'observing', route: 'GET /export', where: '', fields: [], reason: UNTIL },
    { kind: 'public', route: 'GET /terms', where: '', fields: [], reason: '' },
    { kind: 'any token', route: 'GET /customers/:id', where: '200', fields: ['id'], reason: '' }
  ])
})

t.test('a route that takes only tokens bound to a key → says so; where the guard demands them, all but those that let go and public ones', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  const schema = { response: { 200: { type: 'string', claimSet: '*' } } }
  app.register(async api => {
    await api.register(resourceGuard, GUARD)
    api.get('/bound', { schema, config: { keyhole: { dpop: { required: true } } } }, async () => '')
    api.get('/any', { schema }, async () => '')
  })
  app.register(async api => {
    await api.register(resourceGuard, { ...GUARD, dpop: { required: true } })
    api.get('/payments', { schema }, async () => '')
    api.get('/free', { schema, config: { keyhole: { dpop: { required: false } } } }, async () => '')
    api.get('/public', { schema, config: { keyhole: { public: true } } }, async () => '')
  })
  const bound = (await report(app)).rows.filter(({ mustBeBound }) => mustBeBound).map(({ route }) => route)
  t.strictSame(bound, ['GET /bound', 'GET /payments'])
})

t.test('no guard → an error says so', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await t.rejects(report(app), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /no resource guard/ })
})

t.test('D75 a report → is served by no route', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(orders)
  await app.ready()
  const before = app.printRoutes()
  await report(app)
  t.equal(app.printRoutes(), before)
  t.notMatch(before, /report|explain|keyhole/)
})
