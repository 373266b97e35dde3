import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { decodeProtectedHeader, jwtVerify, type JWTPayload } from 'jose'
import type { JWK } from '../keys/jwk.js'
import { ALGORITHMS, type Algorithm, type VerificationKey } from '../keys/key-source.js'
import { verificationKey } from '../keys/verification-key.js'
import type { ReplayStorage } from '../replay/replay-storage.js'

/** Longest assertion that is looked at, in characters. */
const MAX_LENGTH = 8192

/** RFC 7515 7.1; jose would skip characters that are none of base64url. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** How far `exp` may lie ahead and `iat` behind, in seconds: an assertion is made for one request. */
const MAX_LIFETIME = 600

/** By how many seconds the client's clock and ours may differ. */
const CLOCK_TOLERANCE = 30

/** What an assertion may call itself: JWT, or as RFC 7523 was brought up to date; no other kind of JWT passes for one. */
const TYPE = /^(application\/)?(jwt|client-authentication\+jwt)$/i

/** Its private half was thrown away: to make one takes too long here. */
const RSA_OF_NOBODY: JWK = { kty: 'RSA', e: 'AQAB', n: 'nPhuaFW4aSd3qw2P9Y_ErwcR1r0qiu70KShpP06Vsa4agh5lv3fSgIzhbWADfeh3pvrcL_uIQL6exl59HZYSRmZNGt0UvJCXYhNHbX45gWZGcUFHsSooAfOtlmyVLj0ifVjn4J_YlyUtEsJgBqNE4omiRNpgX2UdDiiGkuY1thVb5UTJam2atLLSRDvgNF-nllKtz50jmfLC3xfF9YFr9XnADuFtc9iIk9KAFFg9wkWdJvY1u6eBPEu4VmiMm2-LMR1N9tsN-zF4K581QwczkfmCbQ-PVuoq8nQOvOUMILD3OYMCV2znsBy_DUGqyOXqWY_jn4QSz3GogBLpKQ_ikQ' }

/** Keys of nobody, read each time as a client's are: an assertion that no key of the client can verify takes the work of one that a key can. */
const NOBODY: Readonly<Record<Algorithm, JWK>> = {
  ES256: newPublicJwk(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  EdDSA: newPublicJwk(generateKeyPairSync('ed25519')),
  RS256: RSA_OF_NOBODY,
  PS256: RSA_OF_NOBODY
}

interface AssertionHeader {
  readonly kid: string | undefined
  readonly alg: Algorithm
}

interface Expectations {
  /** `iss` and `sub` of the assertion. */
  readonly clientId: string
  /** The authorization server: the only `aud` of the assertion. */
  readonly issuer: string
  /** The client's key that the assertion's header names, or its only one when that names none. What it throws goes through. */
  readonly findKey: (header: AssertionHeader) => Promise<VerificationKey | undefined>
  readonly replays: ReplayStorage
}

/**
 * Whether a client proves itself with this JWT: signed by a key of the client with that key's algorithm, about the
 * client, for this authorization server alone, for ten minutes at most, and not used before.
 * @throws what `findKey` and `replays` throw when they cannot tell.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-3 RFC 7523, 3}
 */
export async function isSignedByClient (assertion: string, { clientId, issuer, findKey, replays }: Expectations): Promise<boolean> {
  const header = headerOf(assertion)
  if (header === undefined) return false
  const found = await findKey(header)
  const key = found?.alg === header.alg ? found : undefined
  let claims: JWTPayload
  try {
    const verified = await jwtVerify(assertion, (key ?? verificationKey(NOBODY[header.alg])).publicKey, {
      algorithms: [header.alg], issuer: clientId, subject: clientId, audience: issuer, clockTolerance: CLOCK_TOLERANCE
    })
    claims = verified.payload
  } catch {
    return false
  }
  const { jti } = claims
  if (key === undefined || typeof jti !== 'string' || jti === '' || !isForThisAlone(claims) || !isShortLived(claims)) return false
  return await replays.use('assertion', JSON.stringify([clientId, jti]), claims.exp + CLOCK_TOLERANCE)
}

function newPublicJwk ({ publicKey }: { readonly publicKey: KeyObject }): JWK {
  return publicKey.export({ format: 'jwk' }) as JWK
}

function headerOf (assertion: string): AssertionHeader | undefined {
  if (assertion.length > MAX_LENGTH || !COMPACT.test(assertion)) return undefined
  try {
    const { kid, alg: named, typ = 'JWT' }: { kid?: unknown, alg?: unknown, typ?: unknown } = decodeProtectedHeader(assertion)
    const alg = ALGORITHMS.find(known => known === named)
    const isKid = kid === undefined || typeof kid === 'string'
    return alg !== undefined && isKid && typeof typ === 'string' && TYPE.test(typ) ? { kid, alg } : undefined
  } catch {
    return undefined
  }
}

/** What is for others as well could be used by them here. */
function isForThisAlone ({ aud }: JWTPayload): boolean {
  return [aud].flat().length === 1
}

function isShortLived (claims: JWTPayload): claims is JWTPayload & { readonly exp: number } {
  const { exp, iat } = claims
  const now = Date.now() / 1000
  const longest = MAX_LIFETIME + CLOCK_TOLERANCE
  if (exp === undefined || exp > now + longest) return false
  return iat === undefined || (iat <= now + CLOCK_TOLERANCE && iat >= now - longest)
}
