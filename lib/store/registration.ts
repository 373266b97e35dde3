import type { ClientRegistration } from '../credentials/registration.js'
import type { NewClient } from './store.js'

/** Of clients that were created without saying anything else. */
export const DEFAULT_REGISTRATION: ClientRegistration = Object.freeze({
  authMethod: 'client_secret',
  requireApiKey: true,
  grants: Object.freeze(['client_credentials']),
  resources: Object.freeze([]),
  dpopBound: false
})

/** What a client is registered for, with the defaults for what was left out. */
export function registrationOf (client: NewClient): ClientRegistration {
  const { authMethod = DEFAULT_REGISTRATION.authMethod, jwks, jwksUrl, federated, tokenLifetime } = client
  const { requireApiKey = authMethod === 'client_secret', grants = DEFAULT_REGISTRATION.grants, resources = [], dpopBound = false } = client
  return {
    authMethod,
    ...(jwks !== undefined && { jwks }),
    ...(jwksUrl !== undefined && { jwksUrl }),
    ...(federated !== undefined && { federated }),
    requireApiKey,
    grants,
    resources,
    ...(tokenLifetime !== undefined && { tokenLifetime }),
    dpopBound
  }
}
