import type { FastifyReply, FastifyRequest } from 'fastify'
import { InvalidTokenError } from '../../lib/access-token/errors.js'
import type { TokenVerifier, VerifiedToken } from '../../lib/access-token/verified-token.js'
import { presentedToken, type PresentedToken } from '../../lib/bearer/presented-token.js'
import { InvalidProofError } from '../../lib/dpop/errors.js'
import { KeysUnavailableError, ProofInvalidError, ProofUncheckedError, TokenInvalidError, TokenMalformedError, TokenMissingError } from '../../lib/errors.js'
import { insufficientScope, refused, unavailable, type Challenges } from './challenges.js'
import type { GuardedRequest } from './guarded-request.js'
import type { Possession } from './possession.js'

/** How nearly everybody writes it. */
const BEARER = 'Bearer '

/** What one guard authenticates its callers with. */
export interface Authentication {
  readonly verifier: TokenVerifier
  /** Undefined where proofs of possession cannot be checked. */
  readonly possession: Possession | undefined
  readonly challenges: Challenges
}

type Presented = Extract<PresentedToken, { kind: 'token' }>

/** Lets a request on once its token holds, is proven to be the sender's where it is bound to a key, and holds a scope that the route asks for. */
export function authenticate (authentication: Authentication, guarded: GuardedRequest, request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
  const { verifier, possession, challenges } = authentication
  const { authorization } = request.headers
  // A text that is remembered keeps to the grammar: reading it again would take longer than all the rest of this.
  const known = authorization?.startsWith(BEARER) === true ? verifier.recall(authorization.slice(BEARER.length)) : undefined
  if (known !== undefined && known.boundTo === undefined && !guarded.route.mustBeBound) {
    guarded.accept(known)
    return done(scopeRefusal(guarded, reply))
  }
  const presented = presentedToken(authorization)
  if (presented.kind === 'none' || (presented.scheme === 'DPoP' && possession === undefined)) {
    return done(refused(reply, challenges.for(guarded.route), new TokenMissingError()))
  }
  if (presented.kind === 'malformed') {
    return done(refused(reply, challenges.of(presented.scheme, { error: 'invalid_request' }), new TokenMalformedError()))
  }
  const refuse = (error: unknown) => done(refusal(error, presented, challenges, guarded, request, reply))
  const accept = (verified: VerifiedToken) => {
    guarded.accept(verified)
    done(scopeRefusal(guarded, reply))
  }
  const prove = (verified: VerifiedToken) => {
    const { boundTo } = verified
    if (boundTo === undefined) {
      const isFit = presented.scheme === 'Bearer' && !guarded.route.mustBeBound
      return isFit ? accept(verified) : refuse(new InvalidTokenError('unbound'))
    }
    // Without a proof a token that is bound to a key is nobody's: RFC 9449 7.2.
    if (possession === undefined) return refuse(new InvalidTokenError('confirmation'))
    if (presented.scheme === 'Bearer') return refuse(new InvalidTokenError('bound'))
    possession.prove(request, reply, { text: presented.token, boundTo }).then(() => accept(verified), refuse)
  }
  let verified
  try {
    verified = verifier.verify(presented.token)
  } catch (error) {
    return refuse(error)
  }
  if (verified instanceof Promise) verified.then(prove, refuse)
  else prove(verified)
}

function scopeRefusal (guarded: GuardedRequest, reply: FastifyReply): Error | undefined {
  const { route: { scopes }, granted } = guarded
  if (scopes === undefined || scopes.some(scope => granted.scopes.includes(scope))) return undefined
  return insufficientScope(guarded, reply, scopes, `This takes the scope ${scopes.join(' or ')}.`)
}

function refusal (error: unknown, { scheme }: Presented, challenges: Challenges, { route }: GuardedRequest, request: FastifyRequest, reply: FastifyReply): Error {
  if (error instanceof InvalidTokenError) {
    const { reason, description } = error
    request.log.info({ reason }, 'access token refused')
    return refused(reply, challenges.for(route, scheme, { error: 'invalid_token', description }), new TokenInvalidError(description))
  }
  if (error instanceof InvalidProofError) {
    const { reason, code, description } = error
    request.log.info({ reason }, 'proof of possession refused')
    return refused(reply, challenges.for(route, scheme, { error: code, description }), new ProofInvalidError(description))
  }
  return unavailable(reply, error instanceof ProofUncheckedError ? error : new KeysUnavailableError({ cause: error }))
}
