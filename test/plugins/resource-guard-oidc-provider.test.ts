import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Fastify from 'fastify'
import Provider from 'oidc-provider'
import t from 'tap'
import resourceGuard from '../../plugins/resource-guard.js'
import { keyPair } from '../access-token/forge.js'
import { AUDIENCE, Customer, JANE, POLICY } from './resource-guard-app.js'

/** Somebody else's authorization server, whole and on a socket. */
async function authorizationServer (): Promise<{ readonly issuer: string, readonly server: Server }> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const keys = (['ES256', 'RS256'] as const).map(alg => ({ ...keyPair(alg, alg).privateKey.export({ format: 'jwk' }), kid: alg, alg, use: 'sig' }))
  const provider = new Provider(issuer, {
    clients: ['ES256', 'RS256'].map(alg => ({ client_id: alg, client_secret: 'a-secret-of-the-test', grant_types: ['client_credentials'], redirect_uris: [], response_types: [], token_endpoint_auth_method: 'client_secret_post' as const })),
    jwks: { keys: keys as never },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        getResourceServerInfo: (_context, resource, client) => ({ audience: resource, scope: 'profile banking', accessTokenFormat: 'jwt', accessTokenTTL: 300, jwt: { sign: { alg: client.clientId as 'ES256' } } })
      }
    }
  })
  server.on('request', provider.callback())
  return { issuer, server }
}

t.test('tokens of oidc-provider → taken by discovery, for this audience alone, by their scopes', async t => {
  const { issuer, server } = await authorizationServer()
  t.teardown(() => { server.close() })
  const app = Fastify()
  t.teardown(() => app.close())
  app.register(async api => {
    await api.register(resourceGuard, { policy: POLICY, issuers: [{ issuer, audience: AUDIENCE }] })
    api.get('/customer', { schema: { response: { 200: Customer } } }, async () => JANE)
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })

  const ask = async (client: string, resource: string, scope: string) => {
    const response = await fetch(`${issuer}/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: client, client_secret: 'a-secret-of-the-test', resource, scope }) })
    const { access_token: token } = await response.json() as { access_token: string }
    return await fetch(`${url}/customer`, { headers: { authorization: `Bearer ${token}` } })
  }
  for (const client of ['ES256', 'RS256']) {
    const answer = await ask(client, AUDIENCE, 'profile')
    t.equal(answer.status, 200)
    t.strictSame(Object.keys(await answer.json() as object), ['id', 'name', 'age'])
  }
  t.strictSame(Object.keys(await (await ask('ES256', AUDIENCE, 'banking')).json() as object), ['id', 'banking'])
  t.equal((await ask('ES256', 'https://other.example.com', 'profile')).status, 401)
})
