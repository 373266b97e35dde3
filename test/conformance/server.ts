import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { openStore } from '../../lib/store/open-store.js'
import type { ClientWithCredentials } from '../../lib/store/store.js'
import resourceGuard from '../../plugins/resource-guard.js'
import tokenEndpoint from '../../plugins/token-endpoint.js'
import { assertionOf, clientKey, type ClientKey } from '../credentials/asserting.js'
import { EXCHANGE, JWT_BEARER, LOGIN } from '../plugins/exchanging.js'
import { customerRoute, JANE, POLICY } from '../plugins/resource-guard-app.js'

/** What the scope `profile` sees of `GET /customer`. */
export const PROFILE = { id: JANE.id, name: JANE.name, age: JANE.age }

export interface ConformanceServer {
  /** Issuer, audience and base URL. */
  readonly origin: string
  /** A client that may have the scopes `profile` and `address`. */
  readonly crm: ClientWithCredentials
  /** The key of the client `job`, which may exchange tokens and has the same scopes. */
  readonly key: ClientKey
  /** What a login server that is trusted with the scope `profile` says of Ada. */
  person (): Promise<string>
}

/** An authorization server and an API on one TCP port, both asking for nonces, for clients that others wrote. */
export async function conformanceServer (t: Test): Promise<ConformanceServer> {
  const store = await openStore('sqlite::memory:')
  const app = Fastify() as unknown as FastifyInstance
  t.teardown(async () => {
    await app.close()
    await store.close()
  })
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const policy = { ...POLICY, roles: { manager: ['profile', 'address'] } }
  const [key, login] = await Promise.all([clientKey(), clientKey('RS256')])
  const trustedIssuers = [{ issuer: LOGIN, jwks: { keys: [login.publicJwk] }, scopes: ['profile'] }]
  await app.register(tokenEndpoint, { issuer: origin, audience: origin, policy, store, credentialProvider: storeCredentialProvider(store), trustedIssuers, dpop: { nonce: true } })
  app.register(async api => {
    await api.register(resourceGuard, { issuer: origin, audience: origin, policy, store, dpop: { nonce: true } })
    customerRoute()(api)
  })
  await app.listen({ host: '127.0.0.1', port })
  await store.clients.create({ id: 'job', roles: ['manager'], authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] }, grants: ['client_credentials', EXCHANGE, JWT_BEARER] })
  return {
    origin,
    crm: await store.clients.create({ id: 'crm', roles: ['manager'] }),
    key,
    person: async () => await assertionOf('ada', login, { claims: { iss: LOGIN, aud: origin } })
  }
}

/** Known before the server is there: its issuer has to be its URL. */
async function freePort (): Promise<number> {
  const app = Fastify()
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as { port: number }
  await app.close()
  return port
}
