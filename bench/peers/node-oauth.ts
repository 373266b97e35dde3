import { randomUUID } from 'node:crypto'
import OAuth2Server from '@node-oauth/oauth2-server'
import { TOKEN_LIFETIME, TOKEN_PATH, type Issuance, type TokenClient } from '../token-requests.js'
import { listening } from './hand-written.js'
import { claimsOf, tokenPeer } from './token-clients.js'

/** @node-oauth/oauth2-server behind a route of Fastify, with a model in memory that signs its tokens. */
export async function nodeOAuthApp (issuance: Issuance): Promise<string> {
  const { client: find, sign } = tokenPeer(issuance)
  const server = new OAuth2Server({
    accessTokenLifetime: TOKEN_LIFETIME,
    model: {
      async getClient (id, secret) {
        const client = find(id, secret)
        return client !== undefined && { ...client, grants: ['client_credentials'] }
      },
      getUserFromClient: async client => client,
      validateScope: async (_user, { scopes }, asked = []) => asked.every(scope => scopes.includes(scope)) && asked,
      generateAccessToken: async (client, _user, scopes) => sign(claimsOf(client as unknown as TokenClient, scopes.join(' '), randomUUID())),
      // A token that says everything itself needs no place where it is kept.
      saveToken: async (token, client, user) => ({ ...token, client, user }),
      getAccessToken: async () => false
    }
  })

  return await listening(api => {
    api.post(TOKEN_PATH, async ({ headers, method, query, body }, reply) => {
      const response = new OAuth2Server.Response()
      // What it throws stands in its answer.
      await server.token(new OAuth2Server.Request({ headers: headers as Record<string, string>, method, query: query as Record<string, string>, body }), response).catch(() => {})
      return reply.code(response.status ?? 500).headers(response.headers ?? {}).send(response.body)
    })
  })
}
