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

// A byte order mark is not skipped: JSON.parse refuses it, as RFC 8259 8.1 allows.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

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
  try {
    return JSON.parse(utf8.decode(Buffer.from(segment, 'base64url')), frozen)
  } catch {
    // Not as a cause: the message of a SyntaxError quotes what it could not read.
    throw new InvalidTokenError('malformed')
  }
}

/** Reviver, innermost values first. A member `__proto__` would become a prototype in a copy by assignment: left out. */
function frozen (name: string, value: unknown): unknown {
  return name === '__proto__' ? undefined : Object.freeze(value)
}

/** A member that the object has itself. */
export function own (object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined
}
