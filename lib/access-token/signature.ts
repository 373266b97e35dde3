import type { KeySource, VerificationKey } from '../keys/key-source.js'
import { own, type CompactJws } from './compact.js'
import { InvalidTokenError } from './errors.js'
import { signatureCheckOf, type CheckSignature } from './jwt.js'

/**
 * The key that signed this token: looked up by `kid` alone (a key or its address in the header is not looked at),
 * used with its own algorithm alone. At once when the key is known and was used before; else the key is prepared,
 * after the keys were read again when it is unknown.
 * @throws {InvalidTokenError} malformed, key, algorithm, signature. What the source of the keys throws when it cannot
 *   be read goes through: such a token may well be good.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.1 RFC 8725, 3.1}
 */
export function requireSignature (jws: CompactJws, keys: KeySource): VerificationKey | Promise<VerificationKey> {
  const kid = own(jws.header, 'kid')
  if (kid !== undefined && typeof kid !== 'string') throw new InvalidTokenError('malformed')
  const key = keys.find(kid, own(jws.header, 'alg'))
  return key === undefined ? afterRefresh(jws, keys, kid) : signedBy(key, jws)
}

async function afterRefresh (jws: CompactJws, keys: KeySource, kid: string | undefined): Promise<VerificationKey> {
  await keys.refresh()
  const key = keys.find(kid, own(jws.header, 'alg'))
  if (key === undefined) throw new InvalidTokenError('key')
  return signedBy(key, jws)
}

function signedBy (key: VerificationKey, jws: CompactJws): VerificationKey | Promise<VerificationKey> {
  if (own(jws.header, 'alg') !== key.alg) throw new InvalidTokenError('algorithm')
  const check = signatureCheckOf(key)
  return check instanceof Promise ? onceReady(check, key, jws) : checked(check, key, jws)
}

async function onceReady (pending: Promise<CheckSignature>, key: VerificationKey, jws: CompactJws): Promise<VerificationKey> {
  const check = await pending.catch(cause => { throw new InvalidTokenError('key', { cause }) })
  return checked(check, key, jws)
}

function checked (check: CheckSignature, key: VerificationKey, { token }: CompactJws): VerificationKey {
  try {
    check(token)
  } catch (error) {
    // The code only: the error itself may carry the payload.
    throw new InvalidTokenError('signature', { cause: (error as { code?: unknown }).code })
  }
  return key
}
