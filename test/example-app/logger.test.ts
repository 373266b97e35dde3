import { Writable } from 'node:stream'
import Fastify from 'fastify'
import t from 'tap'
import customerApp from '../../example-app/app.js'
import { readDemoClients } from '../../example-app/demo-clients.js'
import { generateSecret } from '../../lib/credentials/secret.js'
import { LOGGER } from '../../example-app/logger.js'

function logged () {
  const lines: string[] = []
  const stream = new Writable({ write (chunk, _encoding, done) { lines.push(String(chunk)); done() } })
  return { lines, app: Fastify({ logger: { ...LOGGER, stream } }) }
}

t.test('secrets in headers, body, query and answer → nowhere in the log', async t => {
  const { lines, app } = logged()
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

t.test('credentials in URLs that lead nowhere → neither in the log nor in the answer', async t => {
  const { lines, app } = logged()
  t.teardown(() => app.close())
  await app.register(customerApp, { dataDir: t.testdir(), publicUrl: 'http://127.0.0.1' })
  const { client_secret: secret, api_key: apiKey } = (await readDemoClients())[0]!
  const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjcm0ifQ.c2lnbmF0dXJl'
  const query = `client_secret=${secret}&api_key=${apiKey}&access_token=${token}`

  for (const url of ['/oauth2/token/', '/oauth2//token', '/oauth2/jwks/', '/nowhere', '/docs/nowhere', '/customers/c-0001/more']) {
    for (const method of ['GET', 'POST'] as const) {
      const { statusCode, body } = await app.inject({ method, url: `${url}?${query}` })
      t.equal(statusCode, 404, `${method} ${url}`)
      t.strictSame(JSON.parse(body), { statusCode: 404, error: 'Not Found', message: 'Not Found' }, `${method} ${url}`)
    }
  }
  for (const url of [`/oauth2/token;${query}`, `/oauth2/token%3F${query}`, `/oauth2/token/${secret}`, `/customers/${apiKey}`, `/customers/${token}`, `/%?${query}`, `/${secret}%`]) {
    await app.inject({ method: 'POST', url })
  }

  const log = lines.join('')
  for (const credential of [secret, apiKey, token]) t.notOk(log.includes(credential), credential.slice(0, 4))
  t.match(log, '"path":"/oauth2/token/"', 'the path is there')
  t.match(log, '"path":"/customers/[secret]"')
})

t.test('credentials in messages, errors and members of any name → nowhere in the log', async t => {
  const { lines, app } = logged()
  t.teardown(() => app.close())
  const [secret, apiKey, token] = [generateSecret('client_secret'), generateSecret('api_key'), 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjcm0ifQ.c2lnbmF0dXJl']
  app.get('/fails', async ({ log }) => {
    log.info({ Authorization: `Bearer ${token}`, a: { b: { c: { d: { e: [secret] } } } } }, `sent ${apiKey}`)
    throw Object.assign(new Error(`GET /?key=${apiKey} failed`), { config: { headers: { Authorization: token } } })
  })
  t.equal((await app.inject('/fails')).statusCode, 500)
  for (const credential of [secret, apiKey, token]) t.notOk(lines.join('').includes(credential), credential.slice(0, 4))
  t.match(lines.map(line => JSON.parse(line)), [{}, { Authorization: 'Bearer [secret]', a: { b: { c: { d: { e: ['[secret]'] } } } }, msg: 'sent [secret]' }, {}, {}])
})
