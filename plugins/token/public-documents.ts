import fastifyEtag from '@fastify/etag'
import type { FastifyInstance } from 'fastify'
import { ROUTE, send } from './post-endpoint.js'

/** A JSON document that everybody may read, and keep for a while. */
export interface PublicDocument {
  readonly url: string
  readonly contentType?: string
  /** For how long it may be kept, in seconds. */
  readonly maxAge: number
  readonly read: () => object
}

/** Serves documents with an entity tag each: who has the same already gets 304. */
export async function servePublic (inner: FastifyInstance, documents: readonly PublicDocument[]): Promise<void> {
  await inner.register(async context => {
    await context.register(fastifyEtag, { algorithm: 'sha256' })
    for (const { url, contentType = 'application/json; charset=utf-8', maxAge, read } of documents) {
      const headers = { 'cache-control': `public, max-age=${maxAge}`, 'content-type': contentType }
      context.get(url, ROUTE, (_request, reply) => send(reply, 200, read(), headers))
    }
  })
}
