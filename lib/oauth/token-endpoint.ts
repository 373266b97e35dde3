import type { IssuedToken, TokenIssuer, TokenRequest as IssueRequest } from '../access-token/issue.js'
import type { TokenRequestEvent } from '../audit/event.js'
import type { Principal } from '../credentials/provider.js'
import { SigningUnavailableError } from '../errors.js'
import type { Policy } from '../policy/policy.js'
import type { ClaimSets } from '../release/claim-sets.js'
import type { AuthenticateClient, AuthenticatedRequest } from './client-authentication.js'
import { OAuthError } from './errors.js'
import { clientCredentials } from './grants/client-credentials.js'
import type { Grant } from './grants/grant.js'
import { lifetimeOf, type Lifetimes } from './lifetime.js'
import { loggable } from './loggable.js'
import { provenKey, type ProofCheck } from './possession.js'
import { knownRoles, type RoleLog } from './roles.js'
import { grantScopes } from './scope.js'
import type { ClaimRelease } from './subject-claims.js'
import { scopesAt, targetsOf } from './targets.js'
import type { TokenRequest } from './token-request.js'
import type { TokenReuse } from './token-reuse.js'

export interface TokenEndpointDeps {
  readonly policy: Policy
  readonly authenticate: AuthenticateClient
  readonly grants: readonly Grant[]
  readonly claimRelease: ClaimRelease
  readonly tokenIssuer: TokenIssuer
  /** Issues clients' own tokens, where they are given again. */
  readonly reuse?: TokenReuse | undefined
  readonly proofCheck: ProofCheck
  /** What `aud` says when a client asks for nothing else. */
  readonly audience: string
  /** Scopes that mean something at an audience, where not all do. */
  readonly resourceScopes: ReadonlyMap<string, readonly string[]>
  readonly lifetimes: Lifetimes
}

/** A request whose parameters were read and checked. */
export interface IncomingRequest extends AuthenticatedRequest {
  readonly parameters: TokenRequest
  /** The proof of possession in the header `DPoP`. */
  readonly proof: string | undefined
  readonly log: RoleLog
  /** Filled in as the request gets on, so that it tells how far one came that was refused. */
  readonly facts: TokenFacts
}

/** What is known of a token request, for its audit event. */
export type TokenFacts = { -readonly [Fact in keyof Omit<TokenRequestEvent, 'type' | 'time' | 'requestId' | 'status' | 'outcome'>]?: TokenRequestEvent[Fact] }

/** What the client gets; beside RFC 6749 5.1, its claims, its roles and the version of the policy that decided. */
export interface TokenAnswer {
  readonly access_token: string
  readonly token_type: 'Bearer' | 'DPoP'
  /** Of a token exchange, RFC 8693 2.2.1. */
  readonly issued_token_type?: string
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
    const { parameters, proof, log, facts } = request
    const issuedAt = Date.now() / 1000
    const policy = deps.policy.current
    facts.policy = policy.version
    const principal = await deps.authenticate(request)
    facts.clientId = principal.clientId
    const grant = permittedGrant(deps.grants, parameters.grant_type, principal)
    facts.grantType = grant.type
    const boundTo = await provenKey(deps.proofCheck, proof, principal)
    const roles = knownRoles(principal, policy, log)
    const targets = targetsOf(parameters, deps.audience, principal)
    const authorization = await grant.handle({ parameters, principal })
    const held = policy.scopesOfRoles(roles).filter(scope => authorization.scopes?.includes(scope) !== false)
    const scopes = grantScopes(parameters.scope, scopesAt(targets, held, deps.resourceScopes), policy)
    const lifetime = lifetimeOf(principal, authorization, scopes, deps.lifetimes)
    // Roles and claims are the client's, and of no other subject.
    const isItself = authorization.subject === principal.clientId
    const subjectClaims = isItself ? deps.claimRelease.release(principal, scopes, policy) : undefined
    const issueRequest: IssueRequest = {
      subject: authorization.subject,
      clientId: principal.clientId,
      audience: targets.length === 1 ? targets[0]! : targets,
      scopes,
      ...(isItself && { roles }),
      act: authorization.act,
      boundTo,
      lifetime,
      issuedAt
    }
    const { token, claims: { jti }, expiresIn } = await issued(() => grant === clientCredentials && deps.reuse !== undefined
      ? deps.reuse.issue(issueRequest, policy.version)
      : deps.tokenIssuer.issue(issueRequest))
    const scope = scopes.join(' ')
    const names = isItself ? deps.claimRelease.names(scopes, policy) : { released: [], masked: [], withheld: [] }
    Object.assign(facts, { subject: authorization.subject, tokenId: jti, scope, ...(isItself && { roles }), ...names } satisfies TokenFacts)
    return {
      access_token: token,
      ...(authorization.issuedTokenType !== undefined && { issued_token_type: authorization.issuedTokenType }),
      token_type: boundTo === undefined ? 'Bearer' : 'DPoP',
      expires_in: expiresIn,
      scope,
      ...(subjectClaims !== undefined && { claims: subjectClaims }),
      roles: isItself ? roles : [],
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

async function issued (work: () => Promise<IssuedToken>): Promise<IssuedToken> {
  try {
    return await work()
  } catch (error) {
    const code = error instanceof SigningUnavailableError ? 'temporarily_unavailable' : 'server_error'
    throw new OAuthError(code, 'the token could not be issued', { cause: loggable(error) })
  }
}
