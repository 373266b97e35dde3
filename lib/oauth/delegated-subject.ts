import { decodeJwt } from 'jose'
import { own, type JsonObject } from '../access-token/compact.js'
import type { ForeignIssuers } from '../issuers/foreign-issuers.js'
import type { IssuerOption } from '../issuers/issuer-option.js'

/** An issuer whose JWTs are trusted here: clients prove themselves by them, and its subjects get our tokens. */
export interface TrustedIssuer extends IssuerOption {
  /** The scopes that its subjects may have at most. Default: none, so its JWTs are exchanged for nothing. */
  readonly scopes?: readonly string[]
  /** What must be among `aud` of a JWT that is exchanged. Default: our issuer identifier. */
  readonly audience?: string
}

/** Somebody whom a trusted issuer speaks of. */
export interface DelegatedSubject {
  /** `ISSUER|SUB`: subjects of several issuers never meet, nor do they meet a client. */
  readonly subject: string
  /** What the issuer may delegate, and of this what the JWT says when it says anything. */
  readonly scopes: readonly string[]
  /** Seconds since the epoch. */
  readonly expiresAt: number
  readonly issuer: string
  readonly claims: JsonObject
  readonly header: JsonObject
}

/** Reads JWTs of those trusted issuers that may delegate. */
export type ReadDelegated = (jwt: string) => Promise<DelegatedSubject | null>

/**
 * What reads the JWTs of trusted issuers about their subjects. A JWT that is bound to a key, or that names an actor, is
 * read as none: neither the proof nor what the actor's name means there can be told here.
 * @throws what `trustedIssuers` throws
 */
export function delegatedSubjects (issuers: readonly TrustedIssuer[], trustedIssuers: Pick<ForeignIssuers, 'verify'>, self: string): ReadDelegated {
  const byName = new Map(issuers.map(issuer => [issuer.issuer, issuer]))
  return async jwt => {
    const trusted = byName.get(issuerOf(jwt) ?? '')
    if (trusted?.scopes === undefined) return null
    const { issuer, claims, header } = await trustedIssuers.verify(jwt, { audience: trusted.audience ?? self, requiredClaims: ['sub'] })
    if (issuer !== trusted.issuer || Object.hasOwn(claims, 'cnf') || Object.hasOwn(claims, 'act')) return null
    const scope = own(claims, 'scope')
    const said = typeof scope === 'string' ? scope.split(' ') : trusted.scopes
    return {
      subject: `${issuer}|${own(claims, 'sub')}`,
      scopes: trusted.scopes.filter(name => said.includes(name)),
      expiresAt: own(claims, 'exp') as number,
      issuer,
      claims,
      header
    }
  }
}

/** What a JWT says of its issuer, before anything of it is verified. */
export function issuerOf (jwt: string): string | undefined {
  try {
    return decodeJwt(jwt).iss
  } catch {
    return undefined
  }
}
