import Fastify, { type FastifyBaseLogger, type FastifyServerOptions, type RouteShorthandOptions } from 'fastify'
import t, { type Test } from 'tap'
import resourceGuard from '../../plugins/resource-guard.js'
import { logSerializersWithoutSecrets } from '../../plugins/guard/loggable-request.js'
import { customerRoute, GUARD } from '../plugins/resource-guard-app.js'

interface Line { readonly req?: unknown, readonly msg?: string }

/** What is logged of `GET url`. */
async function logged (t: Test, url: string, logger: object, route: Pick<RouteShorthandOptions, 'logSerializers'> = {}): Promise<Line[]> {
  const lines: Line[] = []
  const app = Fastify({ logger: { level: 'trace', stream: { write: (line: string) => { lines.push(JSON.parse(line) as Line) } }, ...logger } } as FastifyServerOptions)
  t.teardown(() => app.close())
  await app.register(resourceGuard, GUARD)
  customerRoute()(app as never)
  app.get('/own', { ...route, config: { keyhole: { public: true } } }, async request => {
    request.log.info({ req: request.raw }, 'raw')
    request.log.info({ req: 'text' }, 'text')
    request.log.info({ req: undefined }, 'nothing')
    return ''
  })
  await app.inject(url)
  return lines
}

t.test('a token in the query → left out wherever the request is logged, and the rest as it was', async t => {
  const lines = await logged(t, '/own?a=1&access_token=secret&b=2', {})
  t.match(lines.find(({ msg }) => msg === 'incoming request'), { req: { method: 'GET', url: '/own?a=1&access_token=[secret]&b=2', host: 'localhost:80', remoteAddress: '127.0.0.1' } })
  t.match(lines.find(({ msg }) => msg === 'raw'), { req: { method: 'GET', url: '/own?a=1&access_token=[secret]&b=2' } })
  t.notMatch(JSON.stringify(lines), '=secret')
  t.ok(lines.some(({ msg }) => msg === 'text'))
  t.ok(lines.some(({ msg }) => msg === 'nothing'))
})

t.test('secrets and keys in the query, however their names are written → left out', async t => {
  const lines = await logged(t, '/own?client_secret=secret&api%5Fkey=secret&X-API-Key=secret&%=1&tokens=2&client_secret', {})
  t.match(lines.find(({ msg }) => msg === 'incoming request'), {
    req: { url: '/own?client_secret=[secret]&api%5Fkey=[secret]&X-API-Key=[secret]&%=1&tokens=2&client_secret' }
  })
})

t.test('a million question marks → looked at in time, and a secret behind them left out', async t => {
  const log = { [Symbol.for('pino.serializers')]: { req: ({ url }: { url: string }) => url } } as unknown as FastifyBaseLogger
  const { req } = logSerializersWithoutSecrets(log, undefined)!
  t.equal(req!({ url: `/${'?'.repeat(1e6)}token=secret` }), `/${'?'.repeat(1e6)}token=[secret]`)
  t.equal(req!({ url: `/?${'&='.repeat(1e6)}&token=secret` }), `/?${'&='.repeat(1e6)}&token=[secret]`)
})

t.test('a serializer of the logger, or of the route → asked, and given no token either', async t => {
  const mine = (request: { url?: string }) => ({ mine: request.url })
  const theirs = (request: { url?: string }) => ({ theirs: request.url })
  const lines = await logged(t, '/own?access_token=secret', { serializers: { req: mine } })
  t.match(lines.find(({ msg }) => msg === 'incoming request'), { req: { mine: '/own?access_token=[secret]' } })
  const others = await logged(t, '/own?access_token=secret', { serializers: { req: mine } }, { logSerializers: { req: theirs, more: () => 'more' } })
  t.match(others.find(({ msg }) => msg === 'incoming request'), { req: { theirs: '/own?access_token=[secret]' } })
})

t.test('serializers of the route for other things → kept', async t => {
  const more = () => 'more'
  const log = { [Symbol.for('pino.serializers')]: { req: () => 'req' } } as unknown as FastifyBaseLogger
  const serializers = logSerializersWithoutSecrets(log, { more })
  t.equal(serializers?.more, more)
  t.equal(serializers?.req?.({ url: '/' }), 'req')
})

t.test('a logger without serializers → left alone', async t => {
  t.equal(logSerializersWithoutSecrets({} as FastifyBaseLogger, undefined), undefined)
  t.equal(logSerializersWithoutSecrets({ [Symbol.for('pino.serializers')]: {} } as unknown as FastifyBaseLogger, {}), undefined)
})
