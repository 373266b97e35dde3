import { auth0 } from './presets/auth0.js'
import { cognito } from './presets/cognito.js'
import { entraId } from './presets/entra-id.js'
import { google } from './presets/google.js'
import { keycloak } from './presets/keycloak.js'
import { okta } from './presets/okta.js'

/** Vendors whose token endpoints differ, by the name for the option `preset`. */
export const OAUTH_PRESETS = Object.freeze({ auth0, cognito, 'entra-id': entraId, google, keycloak, okta })

export type OAuthPresetName = keyof typeof OAUTH_PRESETS
