import { Writable } from 'node:stream'
import Fastify from 'fastify'
import t from 'tap'
import { LOGGER } from '../../example-app/logger.js'

t.test('secrets in headers, body, query and answer → nowhere in the log', async t => {
  const lines: string[] = []
  const stream = new Writable({ write (chunk, _encoding, done) { lines.push(String(chunk)); done() } })
  const app = Fastify({ logger: { ...LOGGER, stream } })
  app.post('/log', async ({ headers, body, log }) => {
    log.info({ headers, body, client: { apiKey: 'secret-7', clientSecret: 'secret-8' }, nested: { request: { headers, body } } }, 'told')
    return {}
  })
  t.teardown(() => app.close())

  await app.inject({
    method: 'POST',
    url: '/log?access_token=secret-1',
    headers: { authorization: 'Bearer secret-2', 'x-api-key': 'secret-3', cookie: 'secret-4' },
    payload: { client_id: 'crm', client_secret: 'secret-5', api_key: 'secret-6', access_token: 'secret-9' }
  })

  const log = lines.join('')
  t.notMatch(log, /secret-\d/)
  t.match(log, '"path":"/log"')
  const told = JSON.parse(lines.find(line => line.includes('told'))!)
  t.match(told, { headers: { authorization: '[secret]' }, body: { client_id: 'crm', client_secret: '[secret]' }, client: { apiKey: '[secret]' } })
  t.match(told.nested.request.headers, { authorization: '[secret]', 'x-api-key': '[secret]' })
})
