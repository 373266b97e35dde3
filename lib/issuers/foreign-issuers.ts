import { own, readCompactJws, readJsonObject, type JsonObject } from '../access-token/compact.js'
import { InvalidTokenError } from '../access-token/errors.js'
import { requireSignature } from '../access-token/signature.js'
import { openIssuerKeys } from './issuer-keys.js'
import { checkIssuers, type IssuerOption } from './issuer-option.js'
import { requireJwtClaims, type JwtDemands } from './jwt-claims.js'
import type { IssuerLog } from './remote-keys.js'

/** A JWT of a trusted issuer whose signature and claims hold. */
export interface ForeignJwt {
  readonly issuer: string
  /** Frozen. */
  readonly claims: JsonObject
  /** Frozen. What its `typ` has to be is for the caller to say. */
  readonly header: JsonObject
}

/** The issuers that are trusted beside ourselves, each with its own keys. */
export interface ForeignIssuers {
  /**
   * Verifies a signed JWT of one of the issuers, of whatever type. It looks neither at `typ` nor at `cnf` nor whether it was used before.
   * @throws {InvalidTokenError} for whatever does not hold; something else when the keys cannot be read: it may well hold.
   */
  verify (jwt: string, demands: JwtDemands): Promise<ForeignJwt>
  /** Their keys are read no more. */
  close (): void
}

interface ForeignIssuersOptions {
  readonly issuers: readonly IssuerOption[]
  readonly log: IssuerLog
  /** By how many seconds their clocks and ours may differ. Default: 5. */
  readonly clockTolerance?: number
  /** Seconds since the epoch. */
  readonly now?: () => number
}

/**
 * Opens the keys of other people's issuers.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the issuer and what to write; the option is called `trustedIssuers`.
 * @throws {FST_KEYHOLE_KEY_REFUSED}
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.8 RFC 8725, 3.8}
 */
export async function createForeignIssuers ({ issuers, log, clockTolerance = 5, now = () => Date.now() / 1000 }: ForeignIssuersOptions): Promise<ForeignIssuers> {
  checkIssuers(issuers, 'trustedIssuers')
  const keysOf = await openIssuerKeys(issuers, log)

  return Object.freeze({
    async verify (jwt: string, demands: JwtDemands) {
      const jws = readCompactJws(jwt)
      if (Object.hasOwn(jws.header, 'crit')) throw new InvalidTokenError('critical')
      const claims = readJsonObject(jws.payload)
      const issuer = own(claims, 'iss')
      if (typeof issuer !== 'string') throw new InvalidTokenError('issuer')
      const keys = keysOf.get(issuer)
      if (keys === undefined) throw new InvalidTokenError('issuer')
      await requireSignature(jws, keys)
      requireJwtClaims(claims, demands, now(), clockTolerance)
      return Object.freeze({ issuer, claims, header: jws.header })
    },
    close () { for (const keys of keysOf.values()) keys.close() }
  })
}
