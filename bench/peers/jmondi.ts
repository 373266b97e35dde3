import { randomUUID } from 'node:crypto'
import { AuthorizationServer, DateInterval, OAuthException, type OAuthClient } from '@jmondi/oauth2-server'
import { handleFastifyError, handleFastifyReply, requestFromFastify } from '@jmondi/oauth2-server/fastify'
import { AUDIENCE, ISSUER } from '../issuer.js'
import { TOKEN_LIFETIME, TOKEN_PATH, type Issuance } from '../token-requests.js'
import { ROLES } from '../workloads.js'
import { listening } from './hand-written.js'
import { tokenPeer } from './token-clients.js'

/** @jmondi/oauth2-server by its adapter for Fastify, with clients in memory. Its own signer knows HS256 alone. */
export async function jmondiApp (issuance: Issuance): Promise<string> {
  const { client: find, sign } = tokenPeer(issuance)
  const scopes = new Map(ROLES.admin.map(name => [name as string, { name }]))
  const clients = new Map(issuance.clients.map(({ id, secret, scopes: held }): [string, OAuthClient] =>
    [id, { id, name: id, secret, redirectUris: [], allowedGrants: ['client_credentials'], scopes: held.map(name => ({ name })) }]))
  const nothing = async () => { throw new Error('there are no refresh tokens') }

  const server = new AuthorizationServer(
    {
      getByIdentifier: async id => clients.get(id)!,
      isClientValid: async (grant, { id, allowedGrants }, secret = '') => allowedGrants.includes(grant) && find(id, secret) !== undefined
    },
    {
      issueToken: async (client, scopes, user) => ({ accessToken: randomUUID(), accessTokenExpiresAt: new Date(), client, scopes, user: user ?? null }),
      // A token that says everything itself needs no place where it is kept.
      persist: async () => {},
      issueRefreshToken: nothing,
      revoke: nothing,
      isRefreshTokenRevoked: nothing,
      getByRefreshToken: nothing
    },
    {
      getAllByIdentifiers: async names => names.flatMap(name => scopes.get(name) ?? []),
      async finalize (asked, _grant, client) {
        const unheld = asked.find(({ name }) => !client.scopes.some(held => held.name === name))
        if (unheld !== undefined) throw OAuthException.invalidScope(unheld.name)
        return asked
      }
    },
    {
      sign: async payload => sign(payload as object),
      extraTokenFields: ({ client }) => ({ aud: AUDIENCE, client_id: client.id }),
      verify: nothing,
      decode: () => null
    },
    { issuer: ISSUER }
  )
  server.enableGrantType('client_credentials', new DateInterval(`${TOKEN_LIFETIME}s`))

  return await listening(api => {
    api.post(TOKEN_PATH, async (request, reply) => {
      try {
        handleFastifyReply(reply, await server.respondToAccessTokenRequest(requestFromFastify(request)))
      } catch (error) {
        handleFastifyError(error, reply)
      }
      return reply
    })
  })
}
