import { Type } from '@sinclair/typebox'

/** How a client presents its credentials in a body, at each endpoint that takes them (RFC 6749 2.3.1). */
export const CREDENTIAL_PARAMETERS = {
  client_id: Type.Optional(Type.String({ description: 'Unless it is in the Authorization header (Basic).' })),
  client_secret: Type.Optional(Type.String({ description: 'Unless it is in the Authorization header (Basic).' })),
  api_key: Type.Optional(Type.String({ description: 'Unless it is in the header X-API-Key.' })),
  client_assertion: Type.Optional(Type.String({ description: 'A JWT in place of a secret (RFC 7523 2.2).' })),
  client_assertion_type: Type.Optional(Type.String({ description: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' }))
}

export type CredentialParameters = { readonly [Name in keyof typeof CREDENTIAL_PARAMETERS]?: string }
