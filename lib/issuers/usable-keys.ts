import type { JWK, JWKSet } from '../keys/jwk.js'
import type { VerificationKey } from '../keys/key-source.js'
import { verificationKey } from '../keys/verification-key.js'

/** Most keys that are looked at; issuers have a handful. */
const MAX_KEYS = 100

/** What of somebody else's key set can be used, and what cannot. */
export interface UsableKeys {
  /** By the text of their JWK. */
  readonly keys: ReadonlyMap<string, VerificationKey>
  /** Why others are refused. Keys for encryption are left out without a word. */
  readonly refused: readonly string[]
}

/**
 * The keys of somebody else's set that verify signatures: a bad one does not take the good ones with it.
 * Refused are keys that `verificationKey` refuses, those of which several have one kid and one algorithm, and those without a kid among several.
 * @param known keys that were there before: the same JWK stays the same object
 * @throws {Error} for what is no set of 1 to 100 keys of which one can be used.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-5 RFC 7517, 5}
 */
export function usableKeys (document: unknown, known: ReadonlyMap<string, VerificationKey>): UsableKeys {
  const { keys: jwks } = (document ?? {}) as Partial<JWKSet>
  if (!Array.isArray(jwks)) throw new Error('the answer is no JWK Set')
  if (jwks.length > MAX_KEYS) throw new Error(`the key set has ${jwks.length} keys; up to ${MAX_KEYS} are read`)
  const keys = new Map<string, VerificationKey>()
  const refused: string[] = []
  for (const jwk of jwks as readonly JWK[]) {
    if (jwk?.use === 'enc') continue
    const text = JSON.stringify(jwk)
    try {
      keys.set(text, known.get(text) ?? verificationKey(jwk))
    } catch (error) {
      refused.push((error as Error).message.slice(0, 200))
    }
  }
  for (const [text, reason] of ambiguous(keys)) {
    keys.delete(text)
    refused.push(reason)
  }
  if (keys.size === 0) throw new Error(['the key set has no key that can be used', ...refused].join('\n'))
  return { keys, refused }
}

function ambiguous (keys: ReadonlyMap<string, VerificationKey>): (readonly [text: string, reason: string])[] {
  const all = [...keys.values()]
  return [...keys].flatMap(([text, { kid, alg }]) => {
    if (kid === undefined && all.length > 1) return [[text, 'A key without kid among several is refused: no token can name it.']]
    const isTwice = all.filter(key => key.kid === kid && key.alg === alg).length > 1
    return isTwice ? [[text, `The kid ${JSON.stringify(kid).slice(0, 100)} is refused: it stands on several keys of one algorithm.`]] : []
  })
}
