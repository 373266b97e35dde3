import { loggable } from './loggable.js'

/** Error code → HTTP status. `slow_down` is for what the application's own rate limiter refuses. */
const STATUS = Object.freeze({
  invalid_request: 400,
  invalid_client: 401,
  unauthorized_client: 400,
  unsupported_grant_type: 400,
  invalid_scope: 400,
  invalid_grant: 400,
  invalid_target: 400,
  invalid_dpop_proof: 400,
  use_dpop_nonce: 400,
  slow_down: 429,
  server_error: 500,
  temporarily_unavailable: 503
})

export type OAuthErrorCode = keyof typeof STATUS

/** Seconds after which a client may try again when something behind the endpoint is down. */
const RETRY_AFTER = '5'

interface OAuthErrorDetails {
  /** For the log alone. */
  readonly cause?: unknown
  /** Where HTTP has a more exact status than the table (405, 413). */
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * A refusal as the token endpoint answers it. Code and description go out; the cause is for the log alone.
 * Descriptions are fixed texts of printable ASCII without `"` and `\`; nothing of the request is repeated in them.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-5.2 RFC 6749, 5.2}
 */
export class OAuthError extends Error {
  override readonly name = 'OAuthError'
  readonly code: OAuthErrorCode
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>

  constructor (code: OAuthErrorCode, description: string, { cause, status, headers = {} }: OAuthErrorDetails = {}) {
    super(description, { cause })
    this.code = code
    this.statusCode = status ?? STATUS[code]
    this.headers = code === 'temporarily_unavailable' ? { 'retry-after': RETRY_AFTER, ...headers } : headers
  }

  /** The members that go over the wire. */
  get body (): { error: OAuthErrorCode, error_description: string } {
    return { error: this.code, error_description: this.message }
  }
}

/**
 * The refusal for anything thrown while a token request was handled: an OAuthError as it is,
 * what Fastify or the application's hooks threw by its status, everything else as `server_error`.
 */
export function asOAuthError (thrown: unknown): OAuthError {
  if (thrown instanceof OAuthError) return thrown
  const status = (thrown as { statusCode?: unknown } | null | undefined)?.statusCode
  const details = { cause: loggable(thrown) }
  switch (status) {
    case 413: return new OAuthError('invalid_request', 'the body is too large', { ...details, status })
    case 415: return new OAuthError('invalid_request', 'send application/x-www-form-urlencoded or application/json', details)
    case 429: return new OAuthError('slow_down', 'too many requests', details)
    case 503: return new OAuthError('temporarily_unavailable', 'try again later', details)
  }
  return typeof status === 'number' && status >= 400 && status < 500
    ? new OAuthError('invalid_request', 'the request was refused', details)
    : new OAuthError('server_error', 'the request could not be handled', details)
}
