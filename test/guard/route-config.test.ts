import t from 'tap'
import Fastify, { type FastifyRequest } from 'fastify'
import { routeConfig } from '../../plugins/guard/route-config.js'

t.test('each request → the config of its own route, however often it is asked', async t => {
  const app = Fastify()
  const seen: [string, unknown, unknown][] = []
  app.addHook('onRequest', async request => { seen.push([request.url, routeConfig(request), request.routeOptions.config]) })
  app.get('/a', { config: { name: 'a' } as object }, async () => 'a')
  app.get('/b', { config: { name: 'b' } as object }, async () => 'b')
  for (const url of ['/a', '/b', '/nowhere', '/a', '/nowhere', '/b']) await app.inject(url)
  t.strictSame(seen.map(([url]) => url), ['/a', '/b', '/nowhere', '/a', '/nowhere', '/b'])
  for (const [url, config, expected] of seen) t.equal(config, expected, url)
  t.match(seen[0]![1], { name: 'a', url: '/a' })
})

t.test('a request that keeps nothing of its route → what routeOptions says', async t => {
  const config = { name: 'a' }
  const request = { routeOptions: { config } } as unknown as FastifyRequest
  t.equal(routeConfig(request), config)
  t.equal(routeConfig(request), config)
  t.equal(routeConfig({ routeOptions: {} } as unknown as FastifyRequest), undefined)
})
