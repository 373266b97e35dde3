import Fastify, { type FastifyInstance, type FastifyServerOptions, type RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import resourceGuard from '../../plugins/resource-guard.js'
import { ASKED, bearer, bootFaults, Customer, GUARD, guardedApp, isRefusal, JANE, tokenOf } from './resource-guard-app.js'

/** Which routes a guard stands before. */

const CUSTOMER = { schema: { response: { 200: Customer } } }
const jane = async () => JANE
const OF_PROFILE = JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age })

async function isGuarded (t: Test, app: FastifyInstance, url: string, headers: Record<string, string> = {}): Promise<void> {
  isRefusal(t, await app.inject({ url, headers }), 401, ASKED, url)
  const { payload } = await app.inject({ url, headers: { ...bearer(tokenOf('profile')), ...headers } })
  t.equal(payload, OF_PROFILE, url)
}

t.test('A96 HEAD twins, versions, constraints, routes of onRoute hooks, nested and prefixed plugins → guarded', async t => {
  const { app } = await guardedApp(t, async api => {
    api.addHook('onRoute', function (route) {
      if (route.url === '/api/plain' && route.method === 'GET') this.get('/made', CUSTOMER, jane)
    })
    api.get('/plain', CUSTOMER, jane)
    api.get('/versioned', { ...CUSTOMER, constraints: { version: '1.2.0' } }, jane)
    api.get('/hosted', { ...CUSTOMER, constraints: { host: 'a.example' } }, jane)
    api.route({ method: ['GET', 'PUT'], url: '/several', ...CUSTOMER, handler: jane })
    api.get('/wild/*', CUSTOMER, jane)
    api.register(async nested => {
      nested.get('/', CUSTOMER, jane)
      nested.get('/:id(^\\d+$)', CUSTOMER, jane)
      await nested.register(async deeper => { deeper.get('/deeper', CUSTOMER, jane) }, { prefix: '/more' })
    }, { prefix: '/nested' })
    await api.register(fp(async shared => { shared.get('/shared', CUSTOMER, jane) }))
    api.all('/all', CUSTOMER, jane)
  }, { prefix: '/api', server: { exposeHeadRoutes: true } })

  for (const path of ['/plain', '/made', '/several', '/wild/a/b', '/nested', '/nested/', '/nested/12', '/nested/more/deeper', '/shared', '/all']) await isGuarded(t, app, `/api${path}`)
  await isGuarded(t, app, '/api/versioned', { 'accept-version': '1.x' })
  await isGuarded(t, app, '/api/hosted', { host: 'a.example' })

  for (const [method, url] of [['HEAD', '/api/plain'], ['HEAD', '/api/nested'], ['PUT', '/api/several'], ['DELETE', '/api/all'], ['OPTIONS', '/api/all'], ['HEAD', '/api/all']] as const) {
    const without = await app.inject({ method, url })
    t.equal(without.statusCode, 401, `${method} ${url}`)
    t.match(without.headers['www-authenticate'], ASKED, `${method} ${url}`)
    t.equal((await app.inject({ method, url, headers: bearer(tokenOf('profile')) })).statusCode, 200, `${method} ${url}`)
  }
})

t.test('siblings and parents of the guarded context → left as they are', async t => {
  const seen: unknown[] = []
  const { app } = await guardedApp(t, api => { api.get('/customer', CUSTOMER, jane) }, {
    before: app => {
      app.get('/outside', async request => {
        seen.push(request.keyhole)
        return JANE
      })
      app.register(async sibling => {
        sibling.get('/sibling', { schema: { response: { 200: Type.Object({ id: Type.String() }) } } }, async () => { throw Object.assign(new Error('in the way'), { statusCode: 409 }) })
      })
    }
  })
  t.strictSame((await app.inject('/outside')).json(), JANE)
  t.strictSame(seen, [undefined])
  const { statusCode, payload, headers } = await app.inject('/sibling')
  t.equal(statusCode, 409)
  t.strictSame(JSON.parse(payload), { statusCode: 409, error: 'Conflict', message: 'in the way' })
  t.notOk(headers['cache-control'])
})

t.test('several guards side by side, for different audiences → each takes its own tokens', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  for (const name of ['a', 'b']) {
    app.register(async api => {
      await api.register(resourceGuard, { ...GUARD, audience: `https://${name}.example` })
      api.get('/customer', CUSTOMER, jane)
    }, { prefix: name })
  }
  for (const [path, aud, status] of [['/a', 'https://a.example', 200], ['/b', 'https://b.example', 200], ['/a', 'https://b.example', 401], ['/b', 'https://a.example', 401]] as const) {
    t.equal((await app.inject({ url: `${path}/customer`, headers: bearer(tokenOf('', { aud })) })).statusCode, status, `${aud} at ${path}`)
  }
})

t.test('a guard in the outermost context → guards all', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(resourceGuard, GUARD)
  app.get('/customer', CUSTOMER, jane)
  app.register(async nested => { nested.get('/nested', CUSTOMER, jane) })
  await isGuarded(t, app, '/customer')
  await isGuarded(t, app, '/nested')
})

t.test('a guard in a context that is guarded → no boot', async t => {
  const twice = { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^resourceGuard: this context is guarded already\./ }
  await t.rejects(guardedApp(t, async api => { await api.register(resourceGuard, GUARD) }), twice)
  await t.rejects(guardedApp(t, api => { api.register(async nested => { await nested.register(resourceGuard, GUARD) }) }), twice)
})

t.test('a guard above one that is there already → no boot, and the route is named', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(async api => {
    await api.register(resourceGuard, GUARD)
    api.get('/customer', CUSTOMER, jane)
  })
  await app.register(resourceGuard, GUARD)
  await t.rejects(async () => { await app.ready() }, { code: 'FST_KEYHOLE_ROUTE_INVALID', message: /\n {2}GET, HEAD \/customer: several guards stand before it\./ })
})

t.test('faults behind several guards → one error lists them all', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  for (const name of ['first', 'second']) {
    await app.register(async api => {
      await api.register(resourceGuard, GUARD)
      api.get(`/${name}`, { schema: { response: { 200: Type.Object({ [name]: Type.String() }) } } }, jane)
    })
  }
  await t.rejects(async () => { await app.ready() }, { code: 'FST_KEYHOLE_ROUTE_INVALID', message: /on \/first\.[^]*on \/second\./, faults: { length: 2 } })
})

t.test('A97 a route declared before the guard → no boot, and each is named', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.get('/elsewhere', jane)
  app.register(async api => {
    api.get('/', jane)
    api.get('/customers/:id', CUSTOMER, jane)
    api.post('/customers', jane)
    api.get('/customers/:id(^\\d+$)/orders', { config: { keyhole: { public: true } } }, jane)
    api.get('/versioned', { constraints: { version: '1.0.0' } }, jane)
    api.get('/versioned', { constraints: { version: '2.0.0' } }, jane)
    api.register(async nested => { nested.route({ method: ['PUT', 'DELETE'], url: '/files/*', handler: jane }) }, { prefix: '/nested' })
    await api.register(resourceGuard, GUARD)
    api.get('/after', CUSTOMER, jane)
    api.get('/open', { config: { keyhole: { public: true } } }, jane)
  }, { prefix: '/api' })
  const cure = ": it was declared before the guard. Write 'await' before register(resourceGuard, …), and declare the route after it; or give the guard a context of its own, without the route."
  await t.rejects(async () => { await app.ready() }, {
    code: 'FST_KEYHOLE_ROUTE_INVALID',
    message: 'These routes cannot be guarded as they stand:\n' + [
      'GET, HEAD /api', 'GET, HEAD /api/', 'POST /api/customers', 'GET, HEAD /api/customers/:id(^\\d+$)/orders', 'GET, HEAD /api/customers/:id',
      'GET, HEAD /api/versioned {"version":"1.0.0"}', 'GET, HEAD /api/versioned {"version":"2.0.0"}', 'PUT, DELETE /api/nested/files/*'
    ].map(name => `  ${name}${cure}`).join('\n')
  })
})

t.test('A97 a guard that nobody waited for → no boot, and the route is named', async t => {
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(resourceGuard, GUARD)
  app.get('/customer', CUSTOMER, jane)
  await t.rejects(async () => { await app.ready() }, { message: /\n {2}GET, HEAD \/customer: it was declared before the guard\. Write 'await'/ })
})

t.test('A97 a route declared before the guard that Fastify does not print → refused with a 500 that says nothing', async t => {
  const logged: string[] = []
  const options: FastifyServerOptions = {
    routerOptions: { buildPrettyMeta: () => ({}) } as object, logger: { level: 'error', stream: { write: (line: string) => { logged.push(line) } } }
  }
  const app = Fastify(options)
  t.teardown(() => app.close())
  app.get('/before', async () => JANE)
  app.get('/schema', CUSTOMER, async () => JANE)
  await app.register(resourceGuard, GUARD)
  app.get('/after', CUSTOMER, jane)
  for (const url of ['/before', '/schema']) {
    const { statusCode, headers, payload } = await app.inject({ url, headers: bearer(tokenOf('profile')) })
    t.equal(statusCode, 500)
    t.equal(headers['cache-control'], 'no-store')
    t.strictSame(JSON.parse(payload), { statusCode: 500, error: 'Internal Server Error', message: 'Internal Server Error' })
    t.match(logged.pop(), `The route ${url} was declared before the guard.`)
  }
  await isGuarded(t, app, '/after')
})

t.test('an onRoute hook that takes away what the guard had added → no boot', async t => {
  const taken = 'an onRoute hook took away what the guard had added to config and preValidation. Let it add its own instead.'
  const faults = (change: (route: RouteOptions) => void) => bootFaults(t, api => {
    api.addHook('onRoute', change)
    api.get('/customer', CUSTOMER, jane)
  })
  t.strictSame(await faults(route => { route.config = {} }), [`GET /customer: ${taken}`])
  t.strictSame(await faults(route => { delete route.config }), [`GET /customer: ${taken}`])
  t.strictSame(await faults(route => { route.preValidation = async () => {} }), [
    "GET, HEAD /customer: it was declared before the guard. Write 'await' before register(resourceGuard, …), and declare the route after it; or give the guard a context of its own, without the route.",
    `GET /customer: ${taken}`
  ])
  t.match(await faults(route => { route.schema = { response: { 200: Customer } } }), [/^GET \/customer, response 200: \(the whole value\): the guard did not get to compile it\./])
})

t.test('an onRoute hook that adds → fine, and its hooks run', async t => {
  const ran: string[] = []
  const { app } = await guardedApp(t, api => {
    api.addHook('onRoute', route => {
      route.config = { ...route.config, more: 1 } as NonNullable<typeof route.config>
      route.preValidation = [...[route.preValidation ?? []].flat(), async () => { ran.push('preValidation') }]
    })
    api.get('/customer', CUSTOMER, jane)
  })
  await isGuarded(t, app, '/customer')
  t.strictSame(ran, ['preValidation'])
})

t.test('the shared config of a route, changed by a handler → the route stays guarded', async t => {
  const { app } = await guardedApp(t, api => {
    api.get('/customer', CUSTOMER, async request => {
      delete (request.routeOptions.config as { url?: string }).url
      return JANE
    })
  })
  await isGuarded(t, app, '/customer')
  await isGuarded(t, app, '/customer')
})

t.test('the record of a route, changed by a handler → the route stays guarded', async t => {
  const { app } = await guardedApp(t, api => {
    api.get('/customer', CUSTOMER, async request => {
      const config = request.routeOptions.config as unknown as Record<symbol, object>
      for (const mark of Object.getOwnPropertySymbols(config)) {
        for (const member of ['public', 'raw']) t.equal(Reflect.set(config[mark]!, member, true), false, member)
      }
      return JANE
    })
  })
  await isGuarded(t, app, '/customer')
  await isGuarded(t, app, '/customer')
})

t.test('printRoutes → shows where the guard stands', async t => {
  const { app } = await guardedApp(t, api => { api.get('/customer', CUSTOMER, jane) })
  t.match(app.printRoutes({ includeHooks: true }), /• \(onRequest\) \["keyhole:guard\(\)"\]\n.*• \(preValidation\) \["keyhole:input\(\)"\]/)
})

t.test('the names of a schema are no matter of the route table: a route named like a hook → fine', async t => {
  const { app } = await guardedApp(t, api => {
    api.get('/• (onRequest) ["keyhole:guard()"]', { schema: { response: { 200: claimSet(ANY_TOKEN, Type.Object({})) } } }, async () => ({}))
    api.get('/customer', CUSTOMER, jane)
  })
  await isGuarded(t, app, '/customer')
})
