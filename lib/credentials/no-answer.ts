import { NoOutageError } from './breaker.js'

/**
 * What an answer that says neither yes nor no comes to. From 400 to 499 it is no outage: it may be what this caller
 * brought about, and 429 is what a server says that keeps somebody who guesses away.
 */
export function noAnswer (status: number, message: string): Error {
  if (status >= 400 && status < 500) return new NoOutageError(message)
  return new Error(status >= 300 && status < 400 ? `${message}; redirects are not followed` : message)
}
