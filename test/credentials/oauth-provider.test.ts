import { inspect } from 'node:util'
import t, { type Test } from 'tap'
import { oauthCredentialProvider } from '../../lib/credentials/oauth-provider.js'
import type { OAuthProviderOptions } from '../../lib/credentials/oauth-server/options.js'
import type { ClientCredentials } from '../../lib/credentials/provider.js'
import { logOf } from '../issuers/issuer-server.js'
import { AUDIENCE, CLIENTS, serveAuthorizationServer, type AuthorizationServer } from './authorization-server.js'

const context = () => ({ issuer: 'https://auth.example.com', signal: new AbortController().signal })
const CRM: ClientCredentials = { clientId: 'crm', clientSecret: CLIENTS.crm.secret, apiKey: undefined }

async function setUp (t: Test, options: Partial<OAuthProviderOptions> = {}, server?: AuthorizationServer) {
  const authorizationServer = server ?? await serveAuthorizationServer({ after: work => t.teardown(work) })
  const provider = await oauthCredentialProvider({ issuer: authorizationServer.issuer, audience: AUDIENCE, ...(options.apiKeys === undefined && { requireApiKey: false }), ...options })
  t.teardown(() => provider.close())
  return { server: authorizationServer, provider, verify: (changed: Partial<ClientCredentials> = {}) => provider.verify({ ...CRM, ...changed }, context()) }
}

t.test('a client of oidc-provider → its roles, by discovery and a verified access token', async t => {
  const { server, verify } = await setUp(t)
  t.strictSame(await verify(), { clientId: 'crm', roles: ['manager'] })
  t.strictSame(await verify({ clientId: 'cms', clientSecret: CLIENTS.cms.secret }), { clientId: 'cms', roles: ['editor'] })
  t.same(server.asked.filter(path => path === '/token').length, 2)
  t.equal(server.asked.filter(path => path.startsWith('/.well-known')).length, 2, 'the metadata is read once for the keys and once for the endpoints')
})

t.test('opaque access tokens → introspection, by the client itself or by a protected resource', async t => {
  for (const introspection of [{}, { clientId: 'resource', clientSecret: CLIENTS.resource.secret }]) {
    const server = await serveAuthorizationServer({ after: work => t.teardown(work), format: 'opaque' })
    const { verify } = await setUp(t, { introspection, roles: () => ['manager'] }, server)
    t.strictSame(await verify(), { clientId: 'crm', roles: ['manager'] })
    t.equal(await verify({ clientSecret: 'wrong' }), null)
  }
})

t.test('whatever is wrong with the credentials → null', async t => {
  const { verify } = await setUp(t)
  const wrong: Record<string, Partial<ClientCredentials>> = {
    'wrong secret': { clientSecret: 'wrong' },
    'no secret': { clientSecret: undefined },
    'secret of another client': { clientSecret: CLIENTS.cms.secret },
    'unknown client': { clientId: 'nobody' },
    'no client': { clientId: '' },
    'client with a NUL': { clientId: 'crm\0' },
    'secret of 1 MB': { clientSecret: 'A'.repeat(1024 * 1024) },
    'expired secret': { clientId: 'late', clientSecret: CLIENTS.late.secret }
  }
  for (const [what, changed] of Object.entries(wrong)) t.equal(await verify(changed), null, what)
})

t.test('B45 a right secret with a wrong API key → the same requests as a wrong secret, also where tokens are introspected', async t => {
  for (const introspection of [undefined, {}, { clientId: 'resource', clientSecret: CLIENTS.resource.secret }]) {
    const server = await serveAuthorizationServer({ after: work => t.teardown(work), format: introspection === undefined ? 'jwt' : 'opaque' })
    const { verify } = await setUp(t, { ...(introspection && { introspection, roles: () => ['manager'] }), apiKeys: (_clientId, apiKey) => apiKey === 'right' }, server)
    const askedDuring = async (changed: Partial<ClientCredentials>) => {
      server.asked.length = 0
      const principal = await verify(changed)
      return { holds: principal !== null, asked: server.asked.filter(path => path.startsWith('/token')) }
    }
    const wrong: Partial<ClientCredentials>[] = [
      { clientSecret: 'wrong', apiKey: 'wrong' }, { clientSecret: 'wrong', apiKey: 'right' }, { apiKey: 'wrong' }, { apiKey: undefined }, { clientId: 'nobody', apiKey: 'wrong' }, { clientId: 'crm\0', apiKey: 'right' }
    ]
    for (const changed of wrong) t.strictSame(await askedDuring(changed), { holds: false, asked: ['/token'] }, JSON.stringify(changed))
    t.strictSame(await askedDuring({ apiKey: 'right' }), { holds: true, asked: introspection === undefined ? ['/token'] : ['/token', '/token/introspection'] })
  }
})

t.test('the issuer is out of reach at the boot → the boot goes on, and says so; it heals by itself', async t => {
  const server = await serveAuthorizationServer({ after: work => t.teardown(work) })
  server.answer = (_request, response) => { response.writeHead(503).end() }
  const { log, said } = logOf()
  const { verify } = await setUp(t, { log }, server)
  t.ok(said.some(({ level, message }) => level === 'error' && /metadata of an issuer cannot be read/.test(message)))
  await t.rejects(verify(), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
  server.answer = undefined
  t.equal(await verify({ clientSecret: 'wrong' }), null, 'its endpoints are found as soon as it answers')
})

t.test('the cause of a failure → shows nothing of the credentials', async t => {
  const { server, verify } = await setUp(t)
  server.answer = (_request, response) => { response.writeHead(500).end(`${CLIENTS.crm.secret}`) }
  const error = await verify().catch(error => error)
  t.match(error, { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
  t.notOk(inspect(error, { depth: null }).includes(CLIENTS.crm.secret))
})

t.test('cache → a yes and a no are used again, each for all of the credentials; what it cannot tell is not', async t => {
  const { server, verify } = await setUp(t, { cache: { yes: 60, no: 60 }, apiKeys: (_clientId, apiKey) => apiKey === 'right' })
  const asked = () => server.asked.filter(path => path === '/token').length
  server.answer = (_request, response) => { response.writeHead(500).end() }
  await t.rejects(verify({ apiKey: 'right' }), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
  server.answer = undefined
  for (let time = 0; time < 3; time++) {
    t.match(await verify({ apiKey: 'right' }), { clientId: 'crm', roles: ['manager'] })
    t.equal(await verify({ apiKey: 'wrong' }), null)
    t.equal(await verify({ apiKey: 'right', clientSecret: 'wrong' }), null)
  }
  t.equal(asked(), 4, 'once each')
})
