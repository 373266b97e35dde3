/** What of a failure goes to the log. */
export interface LoggableFailure {
  readonly type: string
  readonly code?: string
  readonly message: string
  readonly stack?: string
  readonly cause?: LoggableFailure
}

const WITHHELD = '[secret]'

/** How many causes of causes are followed. */
const DEPTH = 4

/**
 * What may be logged of something thrown: its name, code, message, stack and causes, with the secrets taken out.
 * Other members are left out, since an HTTP client's errors carry the request that they failed on.
 */
export function loggable (thrown: unknown, secrets: readonly string[] = [], depth = DEPTH): LoggableFailure {
  const clean = (text: string) => secrets.reduce((result, secret) => result.replaceAll(secret, WITHHELD), text)
  if (!(thrown instanceof Error)) return { type: typeof thrown, message: clean(String(thrown)) }
  const { code } = thrown as { code?: unknown }
  return {
    type: thrown.name,
    ...(typeof code === 'string' && { code: clean(code) }),
    message: clean(thrown.message),
    ...(thrown.stack !== undefined && { stack: clean(thrown.stack) }),
    ...(thrown.cause !== undefined && depth > 0 && { cause: loggable(thrown.cause, secrets, depth - 1) })
  }
}
