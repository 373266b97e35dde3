import { own } from '../../access-token/compact.js'
import { isObject } from '../../issuers/access-token-claims.js'
import { noAnswer } from '../no-answer.js'
import type { OriginAnswer } from '../origin-client.js'

/** Codes that may be told in the log: whatever else stands there may be a credential. */
const KNOWN = [
  'invalid_request', 'invalid_grant', 'unsupported_grant_type', 'invalid_scope', 'invalid_target', 'access_denied', 'server_error', 'temporarily_unavailable', 'slow_down'
]

/** By these a client is refused, RFC 6749 5.2. */
const REFUSALS = ['invalid_client', 'unauthorized_client']

/**
 * The access token of a token endpoint's answer; null when it refuses the client: 401, or 400 and 403 with a code that says so.
 * @param refusals further codes that do
 * @throws {NoOutageError} for another status from 400 to 499.
 * @throws {Error} for every other answer. No message quotes it.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5 RFC 6749, 5}
 */
export function accessTokenOf ({ status, text }: OriginAnswer, refusals: readonly string[]): string | null {
  if (status === 401) return null
  if (status === 200) {
    const { access_token: token, token_type: type } = membersOf(text)
    if (typeof token !== 'string' || token === '' || typeof type !== 'string' || type.toLowerCase() !== 'bearer') throw new Error('the token endpoint answered with no Bearer token')
    return token
  }
  const code = status === 400 || status === 403 ? codeOf(text) : undefined
  if (typeof code === 'string' && [...REFUSALS, ...refusals].includes(code)) return null
  const known = typeof code === 'string' && KNOWN.includes(code) ? ` and ${code}` : ''
  throw noAnswer(status, `the token endpoint answered with the status ${status}${known}`)
}

/**
 * The members of an answer.
 * @throws {Error} for what is no JSON object; no message quotes it.
 */
export function membersOf (text: string | undefined): Readonly<Record<string, unknown>> {
  const answer = parsed(text)
  if (!isObject(answer)) throw new Error('the issuer answered with no JSON object')
  return answer
}

function codeOf (text: string | undefined): unknown {
  const answer = parsed(text)
  return isObject(answer) ? own(answer, 'error') : undefined
}

function parsed (text = ''): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
