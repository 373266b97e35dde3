import type { FastifyBaseLogger, FastifyRequest, RouteOptions } from 'fastify'

/** Where pino keeps the serializers of a logger. */
const SERIALIZERS = Symbol.for('pino.serializers')

type LogSerializers = NonNullable<RouteOptions['logSerializers']>

type Serialize = (request: FastifyRequest) => unknown

/** Parameters that hold credentials: none of them belongs into a URL, and a client may write them there all the same. */
const SECRETS = new Set([
  'access_token', 'actor_token', 'api_key', 'apikey', 'assertion', 'authorization', 'client_assertion', 'client_secret',
  'id_token', 'password', 'refresh_token', 'subject_token', 'token', 'x-api-key'
])

/**
 * The log serializers of a route, so that a token or secret in the query of a request is not logged with its URL.
 * The serializer that the application has is left to do the rest.
 * @returns undefined where the logger has none, or none that can be found
 */
export function logSerializersWithoutSecrets (log: FastifyBaseLogger, serializers: LogSerializers | undefined): LogSerializers | undefined {
  const serialize = (serializers?.req ?? (log as { [SERIALIZERS]?: Record<string, unknown> })[SERIALIZERS]?.req) as Serialize | undefined
  if (serialize === undefined) return undefined
  return Object.create(serializers ?? null, {
    req: { enumerable: true, value: (request: FastifyRequest) => serialize(withoutSecrets(request)) }
  })
}

/** Whatever an application logs under this name is let through; all that has a URL is looked at. */
function withoutSecrets (request: FastifyRequest): FastifyRequest {
  if (typeof request?.url !== 'string') return request
  // A name ends at the next ? too, or each ? would be looked behind to the end of the URL.
  const url = request.url.replace(/([?&])([^=?&#]*)=[^&#]*/g, (parameter, before: string, name: string) =>
    SECRETS.has(decoded(name).toLowerCase()) ? `${before}${name}=[secret]` : parameter)
  return url === request.url ? request : Object.create(request, { url: { value: url } })
}

function decoded (name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
