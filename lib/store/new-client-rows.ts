import { generateSecret, hashSecret, type SecretKind } from '../credentials/secret.js'
import { checkNewClient } from './new-client.js'
import { registrationOf } from './registration.js'
import type { IssuedCredentials, NewClient } from './store.js'
import { timestamp } from './tables.js'

/**
 * A new client as it is kept, and the credentials that it is told.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming each member that is wrong.
 */
export function newClientRows (client: NewClient) {
  checkNewClient(client)
  const { id } = client
  const registration = registrationOf(client)
  const clientSecret = registration.authMethod === 'client_secret' ? client.clientSecret ?? generateSecret('client_secret') : undefined
  const apiKey = registration.requireApiKey ? client.apiKey ?? generateSecret('api_key') : undefined
  const issued: IssuedCredentials = { ...(clientSecret !== undefined && { clientSecret }), ...(apiKey !== undefined && { apiKey }) }
  return {
    row: {
      id,
      ...columnsOf(client),
      created_at: timestamp(),
      disabled_at: null
    },
    secrets: [
      ...clientSecret === undefined ? [] : [secretRow(id, 'client_secret', clientSecret, client.clientSecretExpiresAt)],
      ...apiKey === undefined ? [] : [secretRow(id, 'api_key', apiKey, client.apiKeyExpiresAt)]
    ],
    issued
  }
}

/** What of a client is kept, and may change. */
export function columnsOf (client: NewClient) {
  const { roles, claims = {}, audiences } = client
  return {
    roles: JSON.stringify(roles),
    claims: JSON.stringify(claims),
    audiences: audiences === undefined ? null : JSON.stringify(audiences),
    registration: JSON.stringify(registrationOf(client))
  }
}

/** A client's current secret, as it is kept. */
export function secretRow (id: string, kind: SecretKind, secret: string, expiresAt: number | null = null) {
  return { client_id: id, kind, position: 1, hash: hashSecret(secret), created_at: timestamp(), expires_at: expiresAt, last_used_at: null }
}
