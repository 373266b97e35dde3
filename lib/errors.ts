import createError from '@fastify/error'

/**
 * Every error that fastify-keyhole raises towards the application, in one table.
 * What goes over the wire of the token endpoint is `OAuthError` (`oauth/errors.ts`).
 * `docs/errors.md` lists each code with its cause and cure.
 */

/** The policy document was refused; `faults` lists each fault with its JSON pointer. */
export const PolicyInvalidError = createError<[string]>('FST_KEYHOLE_POLICY_INVALID', 'The policy was refused:\n%s', 500)

/** An option of a plugin or function is missing or wrong; the message names it and says what to write. */
export const OptionInvalidError = createError<[string]>('FST_KEYHOLE_OPTION_INVALID', '%s', 500)

/** An optional package that this part needs is not installed. */
export const PeerMissingError = createError<[string, string]>('FST_KEYHOLE_PEER_MISSING', '%s needs a package that is not installed. Run: npm install %s', 500)

/** Routes cannot be guarded as they stand; the message lists every fault with its cure. */
export const RouteInvalidError = createError<[string]>('FST_KEYHOLE_ROUTE_INVALID', 'These routes cannot be guarded as they stand:\n%s', 500)

/** A body that did not come from the guard's serializer was about to leave a guarded route. */
export const PayloadBlockedError = createError<[]>('FST_KEYHOLE_PAYLOAD_BLOCKED', 'The response was withheld.', 500)
