import { accessTokenRules, type IssuerRules } from '../../lib/access-token/issuer-rules.js'
import type { TokenVerifier } from '../../lib/access-token/verified-token.js'
import { createIssuersVerifier } from '../../lib/access-token/verify.js'
import { rulesOf } from '../../lib/issuers/guard-issuer.js'
import { openIssuerKeys } from '../../lib/issuers/issuer-keys.js'
import type { IssuerLog } from '../../lib/issuers/remote-keys.js'
import { keepReading, type ReadingLog } from '../../lib/keys/keep-reading.js'
import { readKeyRing } from '../../lib/keys/key-ring.js'
import type { ResourceGuardSettings } from './options.js'

/** What verifies the tokens of a guard, until it is closed. */
interface OpenVerifier {
  readonly verifier: TokenVerifier
  close (): void
}

/**
 * Opens the keys of a guard's issuers.
 * @throws {FST_KEYHOLE_OPTION_INVALID} for a wrong `clockTolerance`, or when an issuer's metadata shows that its option is wrong.
 * @throws {FST_KEYHOLE_KEY_REFUSED}; what the store throws when it cannot be read goes through.
 */
export async function openVerifier ({ own, issuers, clockTolerance }: ResourceGuardSettings, revocations: IssuerRules['revocations'], log: IssuerLog & ReadingLog): Promise<OpenVerifier> {
  const storage = own !== undefined && 'store' in own.keys ? own.keys.store : undefined
  const ring = storage && await readKeyRing(storage)
  const published = own !== undefined && 'jwks' in own.keys ? [{ issuer: own.issuer, jwks: own.keys.jwks }] : []
  const keys = await openIssuerKeys([...published, ...issuers], log)
  const rules = issuers.map(option => rulesOf(option, keys.get(option.issuer)!, clockTolerance))
  if (own !== undefined) {
    const { issuer, audience } = own
    rules.unshift(accessTokenRules({ issuer, audience, clockTolerance }, ring ?? keys.get(issuer)!, revocations))
  }
  const stopReading = ring && keepReading(ring.reread, "the issuer's keys", log, storage?.onChange)
  return Object.freeze({
    verifier: createIssuersVerifier(rules, { clockTolerance }),
    close () {
      stopReading?.()
      for (const source of keys.values()) source.close()
    }
  })
}
