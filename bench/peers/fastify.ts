import { createPublicKey, type JsonWebKey } from 'node:crypto'
import { Readable } from 'node:stream'
import fastifyJwt from '@fastify/jwt'
import { createVerifier } from 'fast-jwt'
import Fastify, { type FastifyInstance, type RouteHandlerMethod } from 'fastify'
import { fastifyJwtJwks } from 'fastify-jwt-jwks'
import fp from 'fastify-plugin'
import { batches, eachOf, withoutAnnotations } from '../app.js'
import { AUDIENCE, ISSUER } from '../issuer.js'
import type { CustomerRecord } from '../record.js'
import { whole, type Filter } from './filters.js'
import type { Peer } from './server.js'

interface Claims { readonly scope: string }

const LISTEN = { host: '127.0.0.1', port: 0 }

/** @fastify/jwt with its cache, and what the handler leaves of the records. */
export async function fastifyJwtApp (peer: Peer, filter: Filter): Promise<string> {
  const app = Fastify()
  await app.register(async api => {
    await api.register(fastifyJwt, {
      secret: { private: '', public: publicKey(peer) },
      verify: { algorithms: ['ES256'], allowedIss: ISSUER, allowedAud: AUDIENCE, cache: true }
    })
    api.addHook('onRequest', async request => { await request.jwtVerify() })
    declareRoute(api, peer, filter)
  })
  return await app.listen(LISTEN)
}

/** What verifying by fast-jwt alone costs: each token, without a cache. */
export async function fastJwtApp (peer: Peer): Promise<string> {
  const app = Fastify()
  const verify = createVerifier({ key: publicKey(peer), algorithms: ['ES256'], allowedIss: ISSUER, allowedAud: AUDIENCE })
  await app.register(async api => {
    api.addHook('onRequest', (request, _reply, done) => {
      verify(request.headers.authorization!.slice('Bearer '.length))
      done()
    })
    declareRoute(api, peer, whole)
  })
  return await app.listen(LISTEN)
}

export async function fastifyJwtJwksApp (peer: Peer, jwksUrl: string): Promise<string> {
  const app = Fastify()
  await app.register(async api => {
    // Its default export is hidden from the compiler by the way it is exported.
    await api.register(fp(fastifyJwtJwks), { jwksUrl, audience: AUDIENCE, issuer: ISSUER })
    // It takes RS256 and EdDSA, and has no option for others; every contestant gets the same tokens.
    Object.assign(api.jwtJwks.verify.algorithms, ['ES256'])
    api.addHook('onRequest', async request => { await api.authenticate(request) })
    declareRoute(api, peer, whole)
  })
  return await app.listen(LISTEN)
}

function publicKey ({ jwks }: Peer): string {
  return createPublicKey({ key: jwks.keys[0] as JsonWebKey, format: 'jwk' }).export({ format: 'pem', type: 'spki' }).toString()
}

/** Members that may be taken out are optional in its response schema. */
function declareRoute (api: FastifyInstance, { asked }: Peer, filter: Filter): void {
  const schema = withoutAnnotations(asked.schema)
  const { 200: response } = schema.response
  if (filter !== whole) delete (response.type === 'array' ? response.items : response).required
  if (asked.isStream) {
    api.get(asked.route, { schema }, streaming(asked.value as CustomerRecord[], response.items, filter))
    return
  }
  api.get<{ Params: { id?: string } }>(asked.route, { schema }, async request => {
    const value = asked.answer(request.params.id) as CustomerRecord | CustomerRecord[]
    const { scope } = request.user as Claims ?? NO_CLAIMS
    return Array.isArray(value) ? value.map(record => filter(record, scope)) : filter(value, scope)
  })
}

const NO_CLAIMS: Claims = { scope: '' }

function streaming (records: readonly CustomerRecord[], item: Record<string, unknown>, filter: Filter): RouteHandlerMethod {
  return async (request, reply) => {
    const { scope } = request.user as Claims
    const serialize = reply.compileSerializationSchema(item) as (record: object) => string
    return reply.type('application/json; charset=utf-8').send(Readable.from(batches(eachOf(records), record => serialize(filter(record, scope)))))
  }
}
