import t, { type Test } from 'tap'
import type { ProviderUnavailableError } from '../../lib/errors.js'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { openStore } from '../../lib/store/open-store.js'
import { logOf, serve } from '../issuers/issuer-server.js'
import { assertionOf, clientKey, ISSUER } from './asserting.js'

/** A client that publishes its keys, and what asks about an assertion. */
async function setUp (t: Test) {
  const [server, store, key] = await Promise.all([serve(t), openStore('sqlite::memory:'), clientKey()])
  t.teardown(store.close)
  server.answers['/jwks'] = { keys: [key.publicJwk] }
  await store.clients.create({ id: 'crm', roles: ['viewer'], authMethod: 'private_key_jwt', jwksUrl: `${server.url}/jwks` })
  const provider = storeCredentialProvider(store)
  const { log, said } = logOf()
  const verify = async (clientAssertion: string, clientId = 'crm') =>
    await provider.verify({ clientId, clientSecret: undefined, apiKey: undefined, clientAssertion }, { issuer: ISSUER, log, signal: new AbortController().signal })
  return { server, store, key, said, verify }
}

t.test('an assertion by a key of the client\'s set → the principal; by another, of another algorithm, of another client: null', async t => {
  const { key, server, verify } = await setUp(t)
  t.match(await verify(await assertionOf('crm', key)), { clientId: 'crm' })
  t.match(await verify(await assertionOf('crm', key, { header: { kid: undefined } })), { clientId: 'crm' }, 'the only key')
  const stranger = await clientKey()
  t.equal(await verify(await assertionOf('crm', stranger)), null, 'the same kid')
  t.equal(await verify(await assertionOf('crm', await clientKey('EdDSA', key.kid))), null, 'C41')
  t.equal(await verify(await assertionOf('nobody', key), 'nobody'), null)
  t.equal(await verify(await assertionOf('cms', key)), null)
  t.equal(server.asked.length, 1)
})

t.test('C39 the same assertion twice → once', async t => {
  const { key, verify } = await setUp(t)
  const assertion = await assertionOf('crm', key)
  t.ok(await verify(assertion))
  t.equal(await verify(assertion), null)
})

t.test('C45 out of reach → cannot be told, when the set was never read; known keys hold on', async t => {
  const { key, server, store, verify } = await setUp(t)
  t.ok(await verify(await assertionOf('crm', key)))
  server.answers['/jwks'] = (_request, response) => { response.destroy() }
  t.ok(await verify(await assertionOf('crm', key)))
  await store.clients.create({ id: 'new', roles: ['viewer'], authMethod: 'private_key_jwt', jwksUrl: `${server.url}/nothing` })
  const error: InstanceType<typeof ProviderUnavailableError> = await verify(await assertionOf('new', key), 'new').then(() => t.fail(), error => error)
  t.match(error, { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', statusCode: 503, cause: { message: /status 404/ } })
})

t.test('a client that is disabled → null as for one that is not there, and its keys are not read', async t => {
  const { key, server, store, verify } = await setUp(t)
  await store.clients.disable('crm')
  server.answers['/jwks'] = (_request, response) => { response.destroy() }
  t.equal(await verify(await assertionOf('crm', key)), null)
  t.strictSame(server.asked, [])
})

t.test('keys of the set that cannot be used → said in the log, the others hold', async t => {
  const { key, server, said, verify } = await setUp(t)
  server.answers['/jwks'] = { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'x' }, key.publicJwk] }
  t.ok(await verify(await assertionOf('crm', key)))
  t.match(said, [{ level: 'warn', details: { issuer: /\/jwks$/ } }])
  t.notMatch(JSON.stringify(said), 'c2VjcmV0')
})
