import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { ISSUER } from '../issuer.js'
import { TOKEN_LIFETIME, TOKEN_PATH, type Issuance } from '../token-requests.js'
import { ROLES } from '../workloads.js'

/** oidc-provider as its own server, with clients of its configuration; a resource makes it issue JWTs, which it keeps nowhere. */
export async function oidcProviderApp ({ privateJwk, clients }: Issuance): Promise<string> {
  const resource = { scope: ROLES.admin.join(' '), accessTokenFormat: 'jwt' as const, accessTokenTTL: TOKEN_LIFETIME, jwt: { sign: { alg: 'ES256' as const } } }
  const provider = new Provider(ISSUER, {
    clients: clients.map(({ id, secret, scopes }) => ({
      client_id: id,
      client_secret: secret,
      scope: scopes.join(' '),
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_post' as const
    })),
    // Its own default is RS256, for which there is no key.
    clientDefaults: { id_token_signed_response_alg: 'ES256' },
    scopes: [...ROLES.admin],
    ttl: { ClientCredentials: TOKEN_LIFETIME },
    jwks: { keys: [{ ...privateJwk, kid: 'bench', alg: 'ES256', use: 'sig' } as never] },
    routes: { token: TOKEN_PATH },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: { enabled: true, getResourceServerInfo: (_context, audience) => ({ ...resource, audience }) }
    }
  })
  const server = createServer(provider.callback())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
