import { randomUUID } from 'node:crypto'
import formbody from '@fastify/formbody'
import { Type, type Static } from '@sinclair/typebox'
import Fastify, { type FastifyInstance } from 'fastify'
import { AUDIENCE } from '../issuer.js'
import { TOKEN_LIFETIME, TOKEN_PATH, type Issuance } from '../token-requests.js'
import { claimsOf, tokenPeer } from './token-clients.js'

const Body = Type.Object({
  grant_type: Type.Literal('client_credentials'),
  client_id: Type.String(),
  client_secret: Type.String(),
  scope: Type.String(),
  resource: Type.Literal(AUDIENCE)
})

const Answer = Type.Object({ access_token: Type.String(), token_type: Type.String(), expires_in: Type.Integer(), scope: Type.String() })

/** What somebody writes who needs no more than this: a Map of clients, and a token. */
export async function handWrittenApp (issuance: Issuance): Promise<string> {
  const { client: find, sign } = tokenPeer(issuance)
  return await listening(api => {
    api.post<{ Body: Static<typeof Body> }>(TOKEN_PATH, { schema: { body: Body, response: { 200: Answer } } }, async (request, reply) => {
      const { client_id: id, client_secret: secret, scope } = request.body
      const client = find(id, secret)
      if (client === undefined) return reply.code(401).send({ error: 'invalid_client' })
      if (!scope.split(' ').every(token => client.scopes.includes(token))) return reply.code(400).send({ error: 'invalid_scope' })
      reply.header('cache-control', 'no-store')
      return answerOf(sign(claimsOf(client, scope, randomUUID())), scope)
    })
  })
}

/** What signing alone allows: whoever asks gets the token asked for. */
export async function signatureAloneApp (issuance: Issuance): Promise<string> {
  const { sign } = tokenPeer(issuance)
  const clients = new Map(issuance.clients.map(client => [client.id, client]))
  return await listening(api => {
    api.post<{ Body: Static<typeof Body> }>(TOKEN_PATH, { schema: { response: { 200: Answer } } }, async request => {
      const { client_id: id, scope } = request.body
      return answerOf(sign(claimsOf(clients.get(id)!, scope, randomUUID())), scope)
    })
  })
}

function answerOf (token: string, scope: string): Static<typeof Answer> {
  return { access_token: token, token_type: 'Bearer', expires_in: TOKEN_LIFETIME, scope }
}

/** An application that reads forms, with its route in a context of its own. */
export async function listening (declare: (api: FastifyInstance) => void): Promise<string> {
  const app = Fastify()
  await app.register(async api => {
    await api.register(formbody)
    declare(api)
  })
  return await app.listen({ host: '127.0.0.1', port: 0 })
}
