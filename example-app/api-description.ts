import swagger from '@fastify/swagger'
import swaggerUi from '@fastify/swagger-ui'
import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { swaggerTransforms, type Policy } from 'fastify-keyhole'
import { sendApiKeyToTokenEndpoint } from './send-api-key.js'

/** OpenAPI document of every route registered after it, and the pages under /docs where it can be tried out. */
export const apiDescription = fp(describeApi, { name: 'api-description', fastify: '5.x' })

async function describeApi (app: FastifyInstance, { policy }: { policy: Policy }): Promise<void> {
  await app.register(swagger, {
    ...swaggerTransforms(),
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Customers',
        version: '1.0.0',
        description: 'Each token sees only the fields that its scopes release. To get one: Authorize, first the API key, then client id and secret. The demo clients have theirs in demo-clients.json.'
      },
      tags: [{ name: 'customers' }, { name: 'operation' }],
      components: {
        securitySchemes: {
          apiKey: {
            type: 'apiKey',
            in: 'header',
            name: 'X-API-Key',
            description: "The client's API key. It goes along with client id and secret when a token is fetched, so enter it first."
          },
          oauth2: {
            type: 'oauth2',
            description: 'Fetches a token. With no scope chosen it gets all reading scopes of its roles.',
            flows: { clientCredentials: { tokenUrl: '/oauth2/token', scopes: scopesOf(policy) } }
          }
        }
      }
    }
  })
  await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { requestInterceptor: sendApiKeyToTokenEndpoint } })
}

function scopesOf (policy: Policy): Record<string, string> {
  return Object.fromEntries(Object.entries(policy.current.document.scopes).map(([scope, { reads = [], writes = [] }]) =>
    [scope, [...reads.map(claimSet => `reads ${claimSet}`), ...writes.map(claimSet => `writes ${claimSet}`)].join(', ')]))
}
