import type { FastifyBaseLogger, FastifyRequest, RouteOptions } from 'fastify'

/** Where pino keeps the serializers of a logger. */
const SERIALIZERS = Symbol.for('pino.serializers')

type LogSerializers = NonNullable<RouteOptions['logSerializers']>

type Serialize = (request: FastifyRequest) => unknown

/** RFC 6750 2.3, which is not supported; a client may try it all the same. */
const ACCESS_TOKEN = /([?&]access(?:_|%5f)token=)[^&#]*/gi

/**
 * The log serializers of a route, so that a token in the query of a request is not logged with its URL.
 * The serializer that the application has is left to do the rest.
 * @returns undefined where the logger has none, or none that can be found
 */
export function logSerializersWithoutToken (log: FastifyBaseLogger, serializers: LogSerializers | undefined): LogSerializers | undefined {
  const serialize = (serializers?.req ?? (log as { [SERIALIZERS]?: Record<string, unknown> })[SERIALIZERS]?.req) as Serialize | undefined
  if (serialize === undefined) return undefined
  return Object.create(serializers ?? null, {
    req: { enumerable: true, value: (request: FastifyRequest) => serialize(withoutToken(request)) }
  })
}

/** Whatever an application logs under this name is let through; all that has a URL is looked at. */
function withoutToken (request: FastifyRequest): FastifyRequest {
  if (typeof request?.url !== 'string') return request
  const url = request.url.replace(ACCESS_TOKEN, '$1[token]')
  return url === request.url ? request : Object.create(request, { url: { value: url } })
}
