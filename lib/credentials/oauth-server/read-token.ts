import { own, readCompactJws, readJsonObject, type JsonObject } from '../../access-token/compact.js'
import { requireClaims } from '../../access-token/profile.js'
import { requireSignature } from '../../access-token/signature.js'
import { claimsOf, requireHeaderOf } from '../../issuers/access-token-claims.js'
import { openIssuerKeys } from '../../issuers/issuer-keys.js'
import { postAs, type IdAndSecret } from './client-request.js'
import type { Endpoints } from './endpoints.js'
import type { IntrospectionOption, OAuthSettings } from './options.js'
import { membersOf } from './token-request.js'

/** By how many seconds the issuer's clock and ours may differ. */
const CLOCK_TOLERANCE = 5

/** What an access token says that the issuer has just given to a client. */
export interface TokenReader {
  /**
   * The claims of the token; null when the issuer spells the id of this client in another way than the client did.
   * @throws {Error} unless it is an access token of the issuer for our audience, that holds now and is this client's.
   */
  read (token: string, client: IdAndSecret, endpoints: Endpoints, signal: AbortSignal): Promise<JsonObject | null>
  /** Nothing of the issuer's is read any more. */
  close (): void
}

/**
 * Reads JWTs, by the keys of the issuer.
 * @throws {FST_KEYHOLE_OPTION_INVALID} when the issuer's metadata shows that an option is wrong.
 */
export async function jwtReader ({ issuer: option, audience, preset: { profile }, log }: OAuthSettings): Promise<TokenReader> {
  const { issuer } = option
  const keys = (await openIssuerKeys([option], log)).get(issuer)!
  return {
    async read (token, { clientId }) {
      const jws = readCompactJws(token)
      requireHeaderOf(profile, jws.header)
      await requireSignature(jws, keys)
      const claims = claimsOf(profile, undefined, jws, readJsonObject(jws.payload))
      if (isOtherSpelling(claims, clientId)) return null
      const expected = { issuer, audience: audience ?? clientId, clockTolerance: CLOCK_TOLERANCE }
      return ofClient(requireClaims(claims, expected, Date.now() / 1000), clientId)
    },
    close: () => keys.close()
  }
}

/** Asks the issuer about tokens of whatever kind. */
export function introspectingReader ({ issuer: { issuer }, audience, clientAuthentication }: OAuthSettings, { clientId: askerId, clientSecret: askerSecret }: IntrospectionOption): TokenReader {
  return {
    async read (token, client, { introspection }, signal) {
      const asker = askerId === undefined || askerSecret === undefined ? client : { clientId: askerId, clientSecret: askerSecret }
      const { status, text } = await postAs(asker, clientAuthentication, introspection!, { token, token_type_hint: 'access_token' }, signal)
      if (status !== 200) throw new Error(`the introspection endpoint answered with the status ${status}`)
      const claims = membersOf(text)
      if (own(claims, 'active') !== true) throw new Error('the introspection endpoint does not know the token that was just issued')
      if (isOtherSpelling(claims, client.clientId)) return null
      const iss = own(claims, 'iss')
      if (iss !== undefined && iss !== issuer) throw new Error('the access token is from another issuer')
      if (audience !== undefined && ![own(claims, 'aud')].flat().includes(audience)) throw new Error('the access token is for another audience')
      return ofClient(claims, client.clientId)
    },
    close () {}
  }
}

/**
 * Whether a token is of a client with this id but for case, spaces and punctuation: an issuer may know ids in whatever
 * case, or GUIDs with braces. Nobody has the id that was presented, so the answer is a no. That the token names quite
 * another client is none: the claim that is read may be the wrong one, and no client is to be blamed for that.
 */
function isOtherSpelling (claims: JsonObject, clientId: string): boolean {
  const named = own(claims, 'client_id')
  return typeof named === 'string' && named !== clientId && bare(named) === bare(clientId)
}

function bare (id: string): string {
  return id.toLowerCase().replace(/[^a-z0-9]/g, '')
}

function ofClient (claims: JsonObject, clientId: string): JsonObject {
  if (own(claims, 'client_id') !== clientId) throw new Error('the access token is not that of the client')
  return claims
}
