import { STATUS_CODES } from 'node:http'

/** The shape of an error answer that has no schema of its own. */
export const CLOSED_ERROR_SCHEMA = Object.freeze({
  type: 'object',
  required: ['statusCode', 'error', 'message'],
  properties: {
    statusCode: { type: 'integer' },
    code: { type: 'string' },
    error: { type: 'string' },
    message: { type: 'string' }
  }
})

/** What an application may say in an error; everything else in it stays here. */
interface ErrorLike { readonly code?: unknown, readonly message?: unknown, readonly expose?: unknown }

const CODE = /^[A-Z][A-Z0-9_]{0,63}$/

/**
 * An error answer that gives nothing away: `statusCode`, `code`, `error` and `message`, the last only where it is
 * meant for the client: from a 4xx with a code of Fastify's (`FST_…`) or with `expose: true`.
 */
export function closedError (statusCode: number, payload: unknown): string {
  const { code, message, expose } = (typeof payload === 'object' && payload !== null ? payload : {}) as ErrorLike
  const error = STATUS_CODES[statusCode] ?? 'Error'
  const known = typeof code === 'string' && code.startsWith('FST_')
  const shown = statusCode < 500 && typeof message === 'string' && (known || expose === true)
  return JSON.stringify({
    statusCode,
    ...(typeof code === 'string' && CODE.test(code) && (known || statusCode < 500) && { code }),
    error,
    message: shown ? message : error
  })
}
