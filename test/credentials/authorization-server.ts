import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider from 'oidc-provider'
import { keyPair } from '../access-token/forge.js'

/** The API, as the authorization server's access tokens name it. */
export const AUDIENCE = 'https://api.example.com'

/** Two clients in good standing, one whose secret has expired, and a protected resource. */
export const CLIENTS = {
  crm: { secret: 'a secret: with %, + and =', roles: ['manager'] },
  cms: { secret: 'nOtThAtOfCrM', roles: ['editor'] },
  late: { secret: 'wAsGoOdOnCe', roles: ['manager'] },
  resource: { secret: 'aSkSaBoUtToKeNs', roles: [] }
}

/** Somebody else's authorization server, whole and on a socket. */
export interface AuthorizationServer {
  readonly issuer: string
  /** While it is set, it answers in the server's place; what it leaves alone goes on to the server. */
  answer: RequestListener | undefined
  /** Lets a request go on. */
  readonly pass: RequestListener
  /** The paths that were asked for. */
  readonly asked: string[]
  stop (): Promise<void>
}

export async function serveAuthorizationServer ({ after, format = 'jwt' }: { readonly after: (work: () => unknown) => unknown, readonly format?: 'jwt' | 'opaque' }): Promise<AuthorizationServer> {
  const http = createServer()
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: Object.entries(CLIENTS).map(([id, { secret }]) => ({
      client_id: id,
      client_secret: secret,
      ...(id === 'late' && { client_secret_expires_at: 1 }),
      grant_types: ['client_credentials'],
      id_token_signed_response_alg: 'ES256' as const,
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic' as const
    })),
    jwks: { keys: [{ ...keyPair('ES256').privateKey.export({ format: 'jwk' }), kid: 'k1', alg: 'ES256', use: 'sig' }] as never },
    extraTokenClaims: (_context, { clientId }) => ({ roles: CLIENTS[clientId as keyof typeof CLIENTS].roles }),
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        getResourceServerInfo: (_context, resource) => ({ audience: resource, scope: 'read', accessTokenFormat: format, accessTokenTTL: 300, ...(format === 'jwt' && { jwt: { sign: { alg: 'ES256' as const } } }) })
      }
    }
  })
  const asked: string[] = []
  const pass = provider.callback()
  const server: AuthorizationServer = {
    issuer,
    answer: undefined,
    pass,
    asked,
    async stop () {
      http.closeAllConnections()
      http.close()
    }
  }
  http.on('request', (request, response) => {
    asked.push(request.url!)
    const listener = server.answer ?? pass
    listener(request, response)
  })
  after(() => server.stop())
  return server
}
