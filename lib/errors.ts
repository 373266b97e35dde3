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
export const PeerMissingError = createError<[string, string, { cause: unknown }?]>('FST_KEYHOLE_PEER_MISSING', '%s needs a package that is not installed. Run: npm install %s', 500)

/** Routes cannot be guarded as they stand; the message lists every fault with its cure. */
export const RouteInvalidError = createError<[string]>('FST_KEYHOLE_ROUTE_INVALID', 'These routes cannot be guarded as they stand:\n%s', 500)

/** A body that did not come from the guard's serializer was about to leave a guarded route. */
export const PayloadBlockedError = createError<[]>('FST_KEYHOLE_PAYLOAD_BLOCKED', 'The response was withheld.', 500)

/** What `request.keyhole.stream` was given, or where its result was sent, is not what can be streamed; the message says what to do. */
export const StreamInvalidError = createError<[string]>('FST_KEYHOLE_STREAM_INVALID', '%s', 500)

/** A stream did not come to its end; the log says which record it was, unless the client went away. */
export const StreamFailedError = createError<[]>('FST_KEYHOLE_STREAM_FAILED', 'The stream did not come to its end.', 500)

/** A key is not safe to verify or sign with; the message names it and says why, and never shows its material. */
export const KeyRefusedError = createError<[string]>('FST_KEYHOLE_KEY_REFUSED', '%s', 500)

/** A mask threw, or gave what its schema does not promise; the message names the mask and the field, and nothing of the value. */
export const MaskFailedError = createError<[string, string]>('FST_KEYHOLE_MASK_FAILED', "The mask '%s' failed on %s.", 500)

/** Credentials could not be checked; the cause is for the log, the caller learns nothing but to come back. */
export const ProviderUnavailableError = createError<[{ cause: unknown }]>('FST_KEYHOLE_PROVIDER_UNAVAILABLE', 'The credentials cannot be checked now.', 503)

/** The store was closed, or its database cannot be opened, read or written; the cause is the database's own error. */
export const StoreUnavailableError = createError<[string, { cause?: unknown }?]>('FST_KEYHOLE_STORE_UNAVAILABLE', 'The store cannot be used: %s', 503)

/** A client of this id is in the store already. */
export const ClientExistsError = createError<[string]>('FST_KEYHOLE_CLIENT_EXISTS', "There is a client '%s' already. Choose another id, or delete that one first.", 409)

/** No client of this id is in the store. */
export const ClientUnknownError = createError<[string]>('FST_KEYHOLE_CLIENT_UNKNOWN', "There is no client '%s'.", 404)

/** Another policy was published than the one that was to be replaced; the message has its version. */
export const PolicyChangedError = createError<[string]>('FST_KEYHOLE_POLICY_CHANGED', 'The latest policy is another one by now: %s. Look at it, and publish again.', 409)

/** No access token was presented. */
export const TokenMissingError = createError<[]>('FST_KEYHOLE_TOKEN_MISSING', 'An access token is required.', 401)

/** The `Authorization` header is no well-formed Bearer or DPoP header. */
export const TokenMalformedError = createError<[]>('FST_KEYHOLE_TOKEN_MALFORMED', 'The Authorization header is malformed. Write: Authorization: Bearer TOKEN, or DPoP TOKEN', 400)

/** The access token does not hold; the message says why in general words. */
export const TokenInvalidError = createError<[string]>('FST_KEYHOLE_TOKEN_INVALID', '%s', 401)

/** The access token cannot be checked now, because its issuer's keys cannot be read. */
export const KeysUnavailableError = createError<[{ cause: unknown }]>('FST_KEYHOLE_KEYS_UNAVAILABLE', 'The access token cannot be checked now.', 503)

/** No token can be signed now; the message says why. The cause is for the log. */
export const SigningUnavailableError = createError<[string, { cause?: unknown }?]>('FST_KEYHOLE_SIGNING_UNAVAILABLE', 'No token can be signed now: %s.', 503)

/** The proof of possession of the token's key is missing, or does not hold; the message says why in general words. */
export const ProofInvalidError = createError<[string]>('FST_KEYHOLE_PROOF_INVALID', '%s', 401)

/** The proof of possession cannot be checked now, because it cannot be told whether it was used before. */
export const ProofUncheckedError = createError<[{ cause: unknown }]>('FST_KEYHOLE_PROOF_UNCHECKED', 'The proof of possession cannot be checked now.', 503)

/** The access token holds no scope that would do; the message names what was asked and the scopes. */
export const InsufficientScopeError = createError<[string]>('FST_KEYHOLE_INSUFFICIENT_SCOPE', '%s', 403)

/** The body has a field that the route does not declare. */
export const FieldUnknownError = createError<[string]>('FST_KEYHOLE_FIELD_UNKNOWN', 'The body has a field that is not declared here: %s', 400)

/** The route takes no body, or none of this media type. */
export const MediaTypeRefusedError = createError<[string]>('FST_KEYHOLE_MEDIA_TYPE_REFUSED', '%s', 415)

/** A request reached a route that the guard never saw; the message names it, for the log alone. */
export const RouteUnseenError = createError<[string]>('FST_KEYHOLE_ROUTE_UNSEEN', 'The route %s was declared before the guard.', 500)

/** No token can be made for a test; the message says why. */
export const TestTokenError = createError<[string]>('FST_KEYHOLE_TEST_TOKEN', 'tokenFor: %s', 500)
