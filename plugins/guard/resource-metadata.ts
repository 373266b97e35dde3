import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema } from 'fastify'
import { resourceMetadata, type ProtectedResource } from '../../lib/bearer/resource-metadata.js'

/** The guards of one server whose metadata stands at one path. */
type Guards = Map<string, ProtectedResource[]>

const guardsOfServer = new WeakMap<object, Guards>()

/** The description of an API speaks of the API. */
const HIDDEN = { hide: true } as FastifySchema

const HEADERS = { 'cache-control': 'public, max-age=300', 'content-type': 'application/json; charset=utf-8' }

/**
 * Serves the metadata of a guard's resource where RFC 9728 3.1 says, outside of every prefix. Guards with one audience
 * make up one resource; of several resources at one path, on different hosts, the one of the request's host is meant.
 * @param path what `resourceMetadataPath` gives for the resource
 * @returns its URL
 */
export function serveResourceMetadata (fastify: FastifyInstance, path: string, resource: ProtectedResource): string {
  const guards: Guards = guardsOfServer.get(fastify.server) ?? new Map()
  guardsOfServer.set(fastify.server, guards)
  const here = guards.get(path) ?? []
  here.push(resource)
  if (!guards.has(path)) {
    guards.set(path, here)
    outermost(fastify).get(path, { schema: HIDDEN, config: { keyhole: { public: true } } }, (request, reply) => answer(here, request, reply))
  }
  return new URL(path, resource.resource).href
}

function answer (guards: readonly ProtectedResource[], { host }: FastifyRequest, reply: FastifyReply): FastifyReply {
  const resources = [...new Set(guards.map(({ resource }) => resource))]
  const [resource] = resources.length === 1 ? resources : resources.filter(other => new URL(other).host === host)
  if (resource === undefined) {
    reply.callNotFound()
    return reply
  }
  return reply.headers(HEADERS).send(JSON.stringify(resourceMetadata(resource, guards.filter(guard => guard.resource === resource))))
}

/** The context in which all others are: each inherits from the one around it. */
function outermost (fastify: FastifyInstance): FastifyInstance {
  const around: FastifyInstance | null = Object.getPrototypeOf(fastify)
  return typeof around?.route === 'function' ? outermost(around) : fastify
}
