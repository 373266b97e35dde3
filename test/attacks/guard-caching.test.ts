import caching from '@fastify/caching'
import etag from '@fastify/etag'
import type { FastifyInstance, FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import { ALL, ASKED, Customer, guardedApp, type GuardedApp, isRefusal, JANE, SECRET } from '../plugins/resource-guard-app.js'

/** Plugins and handlers that keep answers, or tell others to keep them. */

const CUSTOMER = { schema: { response: { 200: Customer } } }
const OF_PROFILE = JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age })

type Register = (app: FastifyInstance) => unknown

/** An application with plugins above the guard, or behind it. */
async function withPlugins (t: Test, where: string, register: Register, routes: Register): Promise<GuardedApp> {
  return where === 'above'
    ? guardedApp(t, routes, { before: register })
    : guardedApp(t, async api => { await register(api); await routes(api) })
}

t.test('@fastify/caching → no shared cache, in both orders', async t => {
  const { PUBLIC, PRIVATE, NOCACHE } = caching.privacy
  for (const where of ['above', 'behind']) {
    for (const options of [{}, { privacy: NOCACHE }, { privacy: PRIVATE, expiresIn: 300 }, { privacy: PUBLIC, expiresIn: 300 }, { privacy: PUBLIC, expiresIn: 300, serverExpiresIn: 600 }]) {
      const what = `${where} ${JSON.stringify(options)}`
      const { get } = await withPlugins(t, where, async app => { await app.register(caching, options) }, api => {
        api.get('/customer', CUSTOMER, async () => JANE)
        api.get('/private', CUSTOMER, async (_request, reply) => reply.header('cache-control', 'private, max-age=5').send(JANE))
        api.get('/public', CUSTOMER, async (_request, reply) => reply.header('cache-control', 'public, max-age=5').send(JANE))
        api.get('/removed', CUSTOMER, async (_request, reply) => reply.removeHeader('cache-control').send(JANE))
        api.get('/fails', CUSTOMER, async () => { throw new Error(SECRET) })
      })
      const answer = await get('/customer', 'profile')
      t.match(answer, { statusCode: 200, payload: OF_PROFILE, headers: { 'cache-control': 'no-store' } }, what)
      t.equal(answer.headers.vary, undefined, what)
      t.match(await get('/private', 'profile'), { payload: OF_PROFILE, headers: { 'cache-control': 'private, max-age=5', vary: 'Authorization' } }, what)
      t.match(await get('/public', 'profile'), { statusCode: 500, headers: { 'cache-control': 'no-store' } }, what)
      const isPublic = 'privacy' in options && options.privacy === PUBLIC
      t.equal((await get('/removed', 'profile')).statusCode, isPublic ? 500 : 200, what)
      t.match(await get('/fails', 'profile'), { statusCode: 500, headers: { 'cache-control': 'no-store' } }, what)
      isRefusal(t, await get('/customer', null), 401, ASKED, what)
    }
  }
})

t.test('reply.etag and reply.expires → headers of a released answer', async t => {
  for (const where of ['above', 'behind']) {
    const { get } = await withPlugins(t, where, async app => { await app.register(caching) }, api => {
      api.get('/', CUSTOMER, async (_request, reply) => reply.etag(SECRET).expires(new Date(0)).send(JANE))
    })
    const { payload, headers } = await get('/', 'profile')
    t.equal(payload, OF_PROFILE, where)
    t.match(headers, { etag: SECRET, expires: 'Thu, 01 Jan 1970 00:00:00 GMT', 'cache-control': 'no-store' }, where)
  }
})

t.test('D60 a tag that @fastify/caching knows → 304 without a byte; above the guard it answers before a token is asked for', async t => {
  for (const where of ['above', 'behind']) {
    const { get } = await withPlugins(t, where, async app => { await app.register(caching) }, api => {
      api.get('/', CUSTOMER, async (_request, reply) => (reply as FastifyReply).etag('"v1"').send(JANE))
    })
    t.equal((await get('/', ALL)).payload, JSON.stringify(JANE), where)
    const known = await get('/', null, { headers: { 'if-none-match': '"v1"' } })
    t.equal(known.statusCode, where === 'above' ? 304 : 401, where)
    if (where === 'above') t.equal(known.payload, '')
    const unchanged = await get('/', 'profile', { headers: { 'if-none-match': '"v1"' } })
    t.equal(unchanged.statusCode, 304, where)
    t.equal(unchanged.payload, '', where)
    t.equal((await get('/', 'profile', { headers: { 'if-none-match': '"v2"' } })).payload, OF_PROFILE, where)
  }
})

t.test('D58 @fastify/etag and @fastify/caching together, in any order → a tag of the released bytes', async t => {
  const orders: Record<string, Register[]> = {
    'etag, caching': [app => app.register(etag), app => app.register(caching)],
    'caching, etag': [app => app.register(caching), app => app.register(etag)]
  }
  for (const where of ['above', 'behind']) {
    for (const [order, plugins] of Object.entries(orders)) {
      let row: typeof JANE = JANE
      const { get } = await withPlugins(t, where, async app => { for (const register of plugins) await register(app) }, api => {
        api.get('/', CUSTOMER, async () => row)
      })
      const tag = (await get('/', 'profile')).headers.etag
      t.ok(tag, `${where} ${order}`)
      row = { ...JANE, banking: { iban: 'other', balance: 2 } }
      t.equal((await get('/', 'profile')).headers.etag, tag, `${where} ${order}`)
      t.not((await get('/', ALL)).headers.etag, tag, `${where} ${order}`)
    }
  }
})

t.test('D63 bodies kept by a handler, text or serialized, first asked for everything → held back from everybody who did not make them', async t => {
  const kept = new Map<string, string>()
  const { get } = await guardedApp(t, api => {
    api.get('/serialized', CUSTOMER, async (_request, reply) => {
      if (!kept.has('serialized')) kept.set('serialized', reply.serialize(JANE) as string)
      return reply.type('application/json').send(kept.get('serialized'))
    })
    api.addHook('onSend', async (request, _reply, payload) => {
      if (request.url !== '/hooked') return payload
      if (!kept.has('hooked')) kept.set('hooked', payload as string)
      return kept.get('hooked')
    })
    api.get('/hooked', CUSTOMER, async () => JANE)
  })
  for (const url of ['/serialized', '/hooked']) {
    t.equal((await get(url, ALL)).payload, JSON.stringify(JANE), url)
    const other = await get(url, 'profile')
    t.equal(other.statusCode, 500, url)
    t.notMatch(other.payload, SECRET, url)
  }
})

t.test('D63 requests that share one query → each answer by its own token', async t => {
  const waiting: ((record: typeof JANE) => void)[] = []
  const { get } = await guardedApp(t, api => {
    api.get('/', CUSTOMER, async () => await new Promise<typeof JANE>(resolve => {
      waiting.push(resolve)
      if (waiting.length === 4) waiting.forEach(answer => answer(JANE))
    }))
  })
  const answers = await Promise.all([ALL, 'profile', '', 'banking'].map(scope => get('/', scope)))
  t.strictSame(answers.map(({ payload }) => payload), [JSON.stringify(JANE), OF_PROFILE, JSON.stringify({ id: JANE.id }), JSON.stringify({ id: JANE.id, banking: JANE.banking })])
})
