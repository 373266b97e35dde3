import type { IssuedToken, TokenIssuer } from '../access-token/issue.js'
import type { TokenRequestEvent } from '../audit/event.js'
import type { Principal } from '../credentials/provider.js'
import type { Policy } from '../policy/policy.js'
import type { PolicySnapshot } from '../policy/snapshot.js'
import type { ClaimSets } from '../release/claim-sets.js'
import type { AuthenticateClient, AuthenticatedRequest } from './client-authentication.js'
import { OAuthError } from './errors.js'
import { clientCredentials } from './grants/client-credentials.js'
import type { Authorization, Grant } from './grants/grant.js'
import { loggable } from './loggable.js'
import type { ClaimRelease } from './subject-claims.js'
import type { TokenRequest } from './token-request.js'

export interface TokenEndpointDeps {
  readonly policy: Policy
  readonly authenticate: AuthenticateClient
  readonly grants: readonly Grant[]
  readonly claimRelease: ClaimRelease
  readonly tokenIssuer: TokenIssuer
  /** What `aud` says. */
  readonly audience: string
  /** Longest lifetime of a token, in seconds. */
  readonly tokenLifetime: number
}

/** A request whose parameters were read and checked. */
export interface IncomingRequest extends AuthenticatedRequest {
  readonly parameters: TokenRequest
  readonly log: { warn (details: object, message: string): void }
  /** Filled in as the request gets on, so that it tells how far one came that was refused. */
  readonly facts: TokenFacts
}

/** What is known of a token request, for its audit event. */
export type TokenFacts = { -readonly [Fact in keyof Omit<TokenRequestEvent, 'type' | 'time' | 'requestId' | 'status' | 'outcome'>]?: TokenRequestEvent[Fact] }

/** What the client gets; beside RFC 6749 5.1, its claims, its roles and the version of the policy that decided. */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer'
  /** Seconds. */
  readonly expires_in: number
  readonly scope: string
  /** The client's own claims that the scopes read, by claim set. */
  readonly claims?: ClaimSets
  readonly roles: readonly string[]
  readonly policy: string
}

export type TokenEndpoint = (request: IncomingRequest) => Promise<TokenAnswer>

/**
 * Answers token requests, each on one policy from its beginning to its end; every refusal comes before the signature.
 * @throws {OAuthError}
 */
export function createTokenEndpoint (deps: TokenEndpointDeps): TokenEndpoint {
  return async request => {
    const { parameters, log, facts } = request
    const policy = deps.policy.current
    facts.policy = policy.version
    const principal = await deps.authenticate(request)
    facts.clientId = principal.clientId
    const grant = permittedGrant(deps.grants, parameters.grant_type, principal)
    facts.grantType = grant.type
    const roles = knownRoles(principal, policy, log)
    const authorization = grant.handle({ parameters, principal, roles, policy })
    const subjectClaims = deps.claimRelease.release(principal, authorization.scopes, policy)
    const lifetime = Math.min(principal.tokenLifetime ?? Infinity, deps.tokenLifetime)
    const { token, claims: { jti } } = await issueToken(deps, principal, roles, authorization, lifetime)
    const scope = authorization.scopes.join(' ')
    Object.assign(facts, { subject: authorization.subject, tokenId: jti, scope, roles, ...deps.claimRelease.names(authorization.scopes, policy) } satisfies TokenFacts)
    return {
      access_token: token,
      token_type: 'Bearer',
      expires_in: lifetime,
      scope,
      ...(subjectClaims !== undefined && { claims: subjectClaims }),
      roles,
      policy: policy.version
    }
  }
}

function permittedGrant (grants: readonly Grant[], type: string, { grants: permitted = [clientCredentials.type] }: Principal): Grant {
  const grant = grants.find(grant => grant.type === type)
  if (grant === undefined) throw new OAuthError('unsupported_grant_type', 'this grant type is not supported')
  if (!permitted.includes(type)) throw new OAuthError('unauthorized_client', 'this client may not use this grant type')
  return grant
}

function knownRoles ({ clientId, roles }: Principal, { document }: PolicySnapshot, log: IncomingRequest['log']): string[] {
  const given = [...new Set(roles)]
  const unknown = given.filter(role => !Object.hasOwn(document.roles, role))
  if (unknown.length > 0) log.warn({ clientId, unknownRoles: unknown }, 'roles that the policy does not know were dropped')
  return given.filter(role => !unknown.includes(role))
}

async function issueToken (
  { tokenIssuer, audience }: TokenEndpointDeps, { clientId }: Principal, roles: readonly string[],
  { subject, scopes }: Authorization, lifetime: number
): Promise<IssuedToken> {
  try {
    return await tokenIssuer.issue({ subject, clientId, audience, scopes, roles, lifetime })
  } catch (error) {
    throw new OAuthError('server_error', 'the token could not be issued', { cause: loggable(error) })
  }
}
