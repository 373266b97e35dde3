import { Type } from '@sinclair/typebox'

/** What a token is to be for: parameters that may be repeated, in JSON as a list (RFC 8707 2, RFC 8693 2.1). Endpoints that issue no token ignore them. */
export const TARGET_PARAMETERS = {
  resource: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: 'Absolute URI of an API that the token is to be for. Default: that of the endpoint.' })),
  audience: Type.Optional(Type.Array(Type.String(), { minItems: 1, description: 'The same, by any name.' }))
}
