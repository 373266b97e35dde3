import { decodeFormValue, decodeUtf8 } from './encoding.js'
import { OAuthError } from './errors.js'

/** The parameters of a request: those without a value are left out. Values are strings, or lists of them, once a schema has said so. */
export type RequestParameters = Record<string, unknown>

/** More than any grant has, each value of a repeated one counted; a bound on the work that a request can ask for. */
const MAX_PARAMETERS = 100

/**
 * Parameters that may stand in a request once only, whether or not the grant in it is one that we support.
 * Others are unknown here and ignored, however often they come.
 */
const SINGLE = new Set([
  'grant_type', 'scope', 'client_id', 'client_secret', 'api_key', 'client_assertion', 'client_assertion_type',
  'token', 'token_type_hint', 'assertion', 'subject_token', 'subject_token_type', 'actor_token', 'actor_token_type', 'requested_token_type'
])

/** Parameters that may stand in a request several times, in JSON as a list, so they become lists (RFC 8707 2, RFC 8693 2.1). An empty one is a value: no resource. */
const REPEATABLE = new Set(['resource', 'audience'])

/**
 * Reads a form. `&` alone separates; names count after decoding.
 * @throws {OAuthError} invalid_request for broken encoding or a repeated parameter.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.2 RFC 6749, 3.2} and its Appendix B
 */
export function readForm (bytes: Uint8Array): RequestParameters {
  const pairs = decodeBody(bytes).split('&').filter(pair => pair !== '')
  if (pairs.length > MAX_PARAMETERS) throw new OAuthError('invalid_request', 'too many parameters')

  const parameters = emptyParameters()
  const seen = new Set<string>()
  for (const pair of pairs) {
    const [name, value] = splitPair(pair)
    if (SINGLE.has(name) && seen.has(name)) throw new OAuthError('invalid_request', 'a parameter is repeated')
    seen.add(name)
    if (REPEATABLE.has(name)) parameters[name] = [parameters[name] ?? [], value].flat()
    else if (value !== '') parameters[name] = value
  }
  return parameters
}

/**
 * Reads a JSON object with the same members as the form, each once; one that may be repeated there may hold a list here.
 * @throws {OAuthError} invalid_request for broken JSON, anything but an object, a repeated member or `__proto__`.
 */
export function readJson (bytes: Uint8Array): RequestParameters {
  const text = decodeBody(bytes)
  const members: [string, unknown[]][] = Object.entries(parseObject(text)).map(([name, value]) => [name, REPEATABLE.has(name) ? [value].flat() : [value]])
  const values = members.flatMap(([, values]) => values)
  if (Math.max(members.length, values.length) > MAX_PARAMETERS) throw new OAuthError('invalid_request', 'too many parameters')
  if (!values.every(value => typeof value === 'string') || countStrings(text) !== members.length + values.length) {
    throw new OAuthError('invalid_request', 'a member is repeated, or its value is not a string')
  }

  const parameters = emptyParameters()
  for (const [name, values] of members) {
    if (name === '__proto__') throw new OAuthError('invalid_request', 'a member has a forbidden name')
    if (REPEATABLE.has(name)) parameters[name] = values
    else if (values[0] !== '') parameters[name] = values[0]
  }
  return parameters
}

function decodeBody (bytes: Uint8Array): string {
  try {
    return decodeUtf8(bytes)
  } catch {
    throw new OAuthError('invalid_request', 'the body is not UTF-8')
  }
}

function splitPair (pair: string): [name: string, value: string] {
  const at = pair.indexOf('=')
  try {
    return at < 0
      ? [decodeFormValue(pair), '']
      : [decodeFormValue(pair.slice(0, at)), decodeFormValue(pair.slice(at + 1))]
  } catch {
    throw new OAuthError('invalid_request', 'the form is not well encoded')
  }
}

// The parser's own error quotes the text, and with it secrets: it goes nowhere.
function parseObject (text: string): object {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new OAuthError('invalid_request', 'the body is not JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new OAuthError('invalid_request', 'the body is not a JSON object')
  }
  return value
}

/**
 * How many strings stand in this JSON text. An object whose values are strings, and lists of them, has as many as it
 * has names and values; each repeated member, which the parser drops silently, adds at least one.
 */
function countStrings (json: string): number {
  return json.match(/"[^"\\]*(?:\\.[^"\\]*)*"/g)?.length ?? 0
}

// Without a prototype, a parameter named like a member of Object is just a parameter.
function emptyParameters (): RequestParameters {
  return Object.create(null) as RequestParameters
}
