import type { Grant } from './grant.js'

/**
 * A client asks for a token of its own: its subject is the client (RFC 9068 2.2).
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, 4.4}
 */
export const clientCredentials: Grant = Object.freeze<Grant>({
  type: 'client_credentials',
  handle: ({ principal }) => ({ subject: principal.clientId })
})
