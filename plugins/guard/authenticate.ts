import type { FastifyReply, FastifyRequest } from 'fastify'
import { InvalidTokenError } from '../../lib/access-token/errors.js'
import type { TokenVerifier, VerifiedToken } from '../../lib/access-token/verified-token.js'
import type { Scheme } from '../../lib/bearer/challenge.js'
import { presentedToken } from '../../lib/bearer/presented-token.js'
import { InvalidProofError } from '../../lib/dpop/errors.js'
import type { Policy } from '../../lib/policy/policy.js'
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
  /** What tokens may do, as it changes. */
  readonly policy: Policy
}

type Done = (error?: Error) => void

/** Lets a request on once its token holds, is proven to be the sender's where it is bound to a key, and holds a scope that the route asks for. */
export function authenticate (guarded: GuardedRequest, request: FastifyRequest, reply: FastifyReply, done: Done): void {
  const { verifier, possession, challenges } = guarded.authentication
  const { authorization } = request.headers
  // A text that is remembered keeps to the grammar: reading it again would take longer than all the rest of this.
  const known = authorization?.startsWith(BEARER) === true ? verifier.recall(authorization.slice(BEARER.length)) : undefined
  if (known !== undefined && known.boundTo === undefined && !guarded.route.mustBeBound) return accept(known, guarded, reply, done)
  const presented = presentedToken(authorization)
  if (presented.kind === 'none' || (presented.scheme === 'DPoP' && possession === undefined)) {
    return done(refused(reply, challenges.for(guarded.route), new TokenMissingError()))
  }
  if (presented.kind === 'malformed') {
    return done(refused(reply, challenges.of(presented.scheme, { error: 'invalid_request' }), new TokenMalformedError()))
  }
  const refuse = (error: unknown) => done(refusal(error, presented.scheme, guarded, request, reply))
  const goOn = (verified: VerifiedToken) => accept(verified, guarded, reply, done)
  const prove = (verified: VerifiedToken) => {
    const { boundTo } = verified
    if (boundTo === undefined) {
      const isFit = presented.scheme === 'Bearer' && !guarded.route.mustBeBound
      return isFit ? goOn(verified) : refuse(new InvalidTokenError('unbound'))
    }
    // Without a proof a token that is bound to a key is nobody's: RFC 9449 7.2.
    if (possession === undefined) return refuse(new InvalidTokenError('confirmation'))
    if (presented.scheme === 'Bearer') return refuse(new InvalidTokenError('bound'))
    // Whether the proof was used before may take long to find out.
    possession.prove(request, reply, { text: presented.token, boundTo }).then(() => verify(verifier, presented.token, goOn, refuse), refuse)
  }
  verify(verifier, presented.token, prove, refuse)
}

/**
 * Asks again, once a wait is over whose length was the sender's to choose: by then the token may have expired or been
 * revoked. What it may do is taken from the policy of then, for the rest of the request.
 */
export function authenticateAgain (guarded: GuardedRequest, request: FastifyRequest, reply: FastifyReply, done: Done): void {
  const { text, boundTo } = guarded.verified!
  verify(guarded.authentication.verifier, text, verified => accept(verified, guarded, reply, done), error => {
    guarded.forget()
    done(refusal(error, boundTo === undefined ? 'Bearer' : 'DPoP', guarded, request, reply))
  })
}

/** At once, where nothing has to be read for it. */
function verify (verifier: TokenVerifier, token: string, goOn: (verified: VerifiedToken) => void, refuse: (error: unknown) => void): void {
  let verified
  try {
    verified = verifier.verify(token)
  } catch (error) {
    return refuse(error)
  }
  if (verified instanceof Promise) verified.then(goOn, refuse)
  else goOn(verified)
}

function accept (verified: VerifiedToken, guarded: GuardedRequest, reply: FastifyReply, done: Done): void {
  guarded.accept(verified)
  done(scopeRefusal(guarded, reply))
}

function scopeRefusal (guarded: GuardedRequest, reply: FastifyReply): Error | undefined {
  const { route: { scopes }, granted } = guarded
  if (scopes === undefined || scopes.some(scope => granted.scopes.includes(scope))) return undefined
  return insufficientScope(guarded, reply, scopes, `This takes the scope ${scopes.join(' or ')}.`)
}

function refusal (error: unknown, scheme: Scheme, { route, authentication: { challenges } }: GuardedRequest, request: FastifyRequest, reply: FastifyReply): Error {
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
