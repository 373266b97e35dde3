import type { AccessTokenClaims, Actor } from '../../access-token/claims.js'
import { InvalidTokenError } from '../../access-token/errors.js'
import { own, type JsonObject } from '../../access-token/compact.js'
import type { TokenVerifier } from '../../access-token/verified-token.js'
import type { Principal } from '../../credentials/provider.js'
import { isPlainJwt } from '../../issuers/plain-jwt.js'
import { issuerOf, type ReadDelegated } from '../delegated-subject.js'
import { OAuthError } from '../errors.js'
import { loggable } from '../loggable.js'
import { activeToken } from '../token-query.js'
import { namesActor } from './may-act.js'
import type { Grant } from './grant.js'

interface TokenExchangeDeps {
  /** Our own issuer identifier. */
  readonly issuer: string
  /** For our own tokens, whatever they are for. */
  readonly verifier: TokenVerifier
  /** For JWTs of trusted issuers; undefined where there are none. */
  readonly read: ReadDelegated | undefined
}

/** Whom a presented token speaks of. */
interface Party {
  readonly subject: string
  readonly scopes: readonly string[]
  /** Seconds since the epoch. */
  readonly expiresAt: number
  readonly claims: JsonObject
  readonly act?: Actor | undefined
}

const TYPE = 'urn:ietf:params:oauth:token-type:'
const ACCESS_TOKEN = `${TYPE}access_token`

/** Most actors that a token names: who acts and who acted before. */
const MAX_ACTORS = 4

/**
 * A client exchanges a token: one of ours that was issued to it or is for it, or a JWT of a trusted issuer. The new one
 * speaks for the same subject, holds no scope that the subject's token or the client lacks, and ends when the token
 * that was exchanged does. With `actor_token` it says who acts (delegation); without, it adds nobody (impersonation),
 * and those that the subject's token names stay.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-2 RFC 8693, 2 and 4}
 */
export function tokenExchange ({ issuer, verifier, read }: TokenExchangeDeps): Grant {
  const ours = async (token: string, type: string, isTheirs: (claims: AccessTokenClaims) => boolean): Promise<Party> => {
    if (type !== ACCESS_TOKEN) throw refusal('a token of this server is an access_token')
    const active = await activeToken(verifier, token)
    if (active === null || Object.hasOwn(active.claims, 'cnf') || !isTheirs(active.claims)) throw refusal('a presented token does not hold, or is not for this client')
    const { claims, scopes } = active
    return { subject: claims.sub, scopes, expiresAt: claims.exp, claims, act: claims.act }
  }
  const foreign = async (token: string, type: string): Promise<Party> => {
    const party = await readForeign(read, token)
    if (party === null || !isOfType(party.header, type)) throw refusal('a presented token does not hold, or is of another type')
    return party
  }
  const party = async (token: string, type: string, isTheirs: (claims: AccessTokenClaims) => boolean) =>
    issuerOf(token) === issuer ? await ours(token, type, isTheirs) : await foreign(token, type)

  return Object.freeze<Grant>({
    type: 'urn:ietf:params:oauth:grant-type:token-exchange',
    async handle ({ parameters, principal }) {
      const { subject_token: subjectToken, subject_token_type: subjectType, actor_token: actorToken, actor_token_type: actorType, requested_token_type: requested } = parameters
      if (subjectToken === undefined || subjectType === undefined) throw refusal('subject_token or subject_token_type is missing')
      if ((actorToken === undefined) !== (actorType === undefined)) throw refusal('actor_token and actor_token_type go together')
      if (requested !== undefined && requested !== ACCESS_TOKEN) throw refusal('requested_token_type is not supported')

      const subject = await party(subjectToken, subjectType, claims => isFor(principal, claims))
      const actor = actorToken === undefined || actorType === undefined
        ? undefined
        : await party(actorToken, actorType, claims => claims.client_id === principal.clientId)
      const acting = actor?.claims ?? { iss: issuer, sub: principal.clientId, client_id: principal.clientId }
      if (!namesActor(subject.claims, acting)) throw refusal('the subject_token names another actor')
      const act = actor === undefined ? subject.act : { sub: actor.subject, ...(subject.act !== undefined && { act: subject.act }) }
      if (countActors(act) > MAX_ACTORS) throw refusal('too many actors')
      return {
        subject: subject.subject,
        scopes: subject.scopes,
        act,
        expiresAt: Math.min(subject.expiresAt, actor?.expiresAt ?? Infinity),
        issuedTokenType: ACCESS_TOKEN
      }
    }
  })
}

/** Whether a token was issued to this client, or is for the protected resource that it is. */
function isFor ({ clientId, audiences = [] }: Principal, { client_id: owner, aud }: AccessTokenClaims): boolean {
  return owner === clientId || [aud].flat().some(audience => audiences.includes(audience))
}

async function readForeign (read: ReadDelegated | undefined, token: string): ReturnType<ReadDelegated> {
  try {
    return await read?.(token) ?? null
  } catch (error) {
    if (error instanceof InvalidTokenError) return null
    throw new OAuthError('temporarily_unavailable', 'the token cannot be checked now', { cause: loggable(error, [token]) })
  }
}

/** Whether a trusted issuer's JWT is what it was declared as (RFC 8725 3.12). */
function isOfType (header: JsonObject, type: string): boolean {
  const isAccessToken = /^(application\/)?at\+jwt$/i.test(String(own(header, 'typ')))
  switch (type) {
    case ACCESS_TOKEN: return isAccessToken
    case `${TYPE}id_token`: return isPlainJwt(header)
    case `${TYPE}jwt`: return isAccessToken || isPlainJwt(header)
    default: return false
  }
}

function countActors (act: Actor | undefined): number {
  let count = 0
  for (let actor = act; actor !== undefined; actor = actor.act) count++
  return count
}

function refusal (description: string): OAuthError {
  return new OAuthError('invalid_request', description)
}
