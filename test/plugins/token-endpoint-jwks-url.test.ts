import t from 'tap'
import { assertionOf, clientKey } from '../credentials/asserting.js'
import { jwksOf, serve } from '../issuers/issuer-server.js'
import { keyPair } from '../access-token/forge.js'
import { claimsOf } from './exchanging.js'
import { isRefusal, tokenApp } from './token-endpoint-app.js'

const asserted = (assertion: string) => ({ grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion })

t.test('C45 a client that publishes its keys → a token; a wrong key: the bytes of a wrong secret; keys that were never read: 503, said in the log', async t => {
  const lines: string[] = []
  const { manager, post, request, store } = await tokenApp(t, { server: { logger: { stream: { write: (line: string) => { lines.push(line) } } } } })
  const [server, key, stranger] = await Promise.all([serve(t), clientKey(), clientKey()])
  server.answers['/jwks'] = { keys: [key.publicJwk] }
  await store.clients.create({ id: 'job', roles: ['manager'], authMethod: 'private_key_jwt', jwksUrl: `${server.url}/jwks` })
  await store.clients.create({ id: 'down', roles: ['manager'], authMethod: 'private_key_jwt', jwksUrl: `${server.url}/down` })

  t.equal(claimsOf((await post(asserted(await assertionOf('job', key)))).json().access_token).sub, 'job')
  const refused = await post(asserted(await assertionOf('job', stranger)))
  isRefusal(t, refused, 401, 'invalid_client')
  t.equal(refused.body, (await post({ ...request(manager), client_secret: 'x' })).body)

  const assertion = await assertionOf('down', key)
  const unavailable = await post(asserted(assertion))
  isRefusal(t, unavailable, 503, 'temporarily_unavailable')
  t.ok(Number(unavailable.headers['retry-after']) > 0)
  t.match(lines.filter(line => line.includes('status 404')).map(line => JSON.parse(line)), [
    { level: 50, issuer: `${server.url}/down`, msg: /cannot be read/ }, { level: 50, oauthError: 'temporarily_unavailable' }
  ])
  t.notOk(lines.some(line => line.includes(assertion.split('.')[2]!)))
})

t.test('another jwksUrl by update → from the next request on', async t => {
  const { post, store } = await tokenApp(t)
  const [server, key] = await Promise.all([serve(t), clientKey()])
  Object.assign(server.answers, { '/one': { keys: [key.publicJwk] }, '/two': jwksOf(keyPair('other')) })
  await store.clients.create({ id: 'job', roles: ['manager'], authMethod: 'private_key_jwt', jwksUrl: `${server.url}/one` })
  const ask = async () => (await post(asserted(await assertionOf('job', key)))).statusCode
  t.equal(await ask(), 200)
  await store.clients.update('job', { jwksUrl: `${server.url}/two` })
  t.equal(await ask(), 401)
  await store.clients.update('job', { jwks: { keys: [key.publicJwk] } })
  t.equal(await ask(), 200)
  t.strictSame(server.asked, ['/one', '/two'])
})
