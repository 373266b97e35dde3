import { own, type JsonObject } from '../access-token/compact.js'

/** Whether a JWT says of itself that it is one, and of no special kind: an access token or a DPoP proof was made for something else (RFC 8725 3.11). */
export function isPlainJwt (header: JsonObject): boolean {
  const typ = own(header, 'typ')
  return typ === undefined || (typeof typ === 'string' && /^(application\/)?jwt$/i.test(typ))
}
