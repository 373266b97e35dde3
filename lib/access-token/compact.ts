import { isUtf8 } from 'node:buffer'
import { InvalidTokenError } from './errors.js'

/** Longest token that is looked at, in characters; a token has one byte a character. */
const MAX_TOKEN_LENGTH = 8192

/** A token taken apart, its signature not checked yet. */
export interface CompactJws {
  readonly token: string
  readonly header: JsonObject
  /** Still encoded. */
  readonly payload: string
}

/** An object as JSON.parse made it, deep-frozen: only its own members count. */
export type JsonObject = Readonly<Record<string, unknown>>

/** RFC 7515 2 and 7.1: three parts, base64url without padding; none is empty in a signed JWT. */
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/

/**
 * Takes a compact JWS apart and reads its header, nothing else.
 * @throws {InvalidTokenError} size, before anything is parsed; malformed.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7515#section-5.2 RFC 7515, 5.2}
 */
export function readCompactJws (token: string): CompactJws {
  if (token.length > MAX_TOKEN_LENGTH) throw new InvalidTokenError('size')
  const [, header, payload, signature] = COMPACT.exec(token) ?? []
  if (header === undefined || payload === undefined || signature === undefined || signature.length % 4 === 1) throw new InvalidTokenError('malformed')
  return { token, header: readJsonObject(header), payload }
}

/**
 * The JSON object of one segment. Of members with one name the last counts, here as for every reader of JSON.parse.
 * @throws {InvalidTokenError} malformed: not base64url, UTF-8, JSON or an object.
 */
export function readJsonObject (segment: string): JsonObject {
  const value = parse(segment)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new InvalidTokenError('malformed')
  return value as JsonObject
}

function parse (segment: string): unknown {
  const bytes = Buffer.from(segment, 'base64url')
  if (!isUtf8(bytes)) throw new InvalidTokenError('malformed')
  try {
    // A byte order mark is not skipped: JSON.parse refuses it, as RFC 8259 8.1 allows.
    return frozen(JSON.parse(bytes.toString()))
  } catch {
    // Not as a cause: the message of a SyntaxError quotes what it could not read.
    throw new InvalidTokenError('malformed')
  }
}

/** Deep-frozen. A member `__proto__` would become a prototype in a copy by assignment: left out. */
function frozen (value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const [name, member] of Object.entries(value)) {
    if (name === '__proto__') delete (value as JsonObject & { __proto__?: unknown })[name]
    else frozen(member)
  }
  return Object.freeze(value)
}

/** A member that the object has itself. */
export function own (object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
