import type { TokenProfile } from '../token-profile.js'

/**
 * Google, as the identity of service accounts: its access tokens are for Google alone, so the ID token is taken that a
 * service gets for the audience of an API. `typ` is `JWT`, and there is no scope and no `jti`. In their stead: the
 * audience, which has to be this API's own, nothing of a person's login, and `sub`, an account's id that is never given
 * again; the option `scopes` says what it may.
 */
export const google: TokenProfile = {
  documentation: 'https://cloud.google.com/docs/authentication/get-id-token',
  types: ['jwt'],
  demanded: {},
  marks: [],
  forbidden: ['nonce', 'at_hash', 'c_hash'],
  audience: ['aud'],
  scope: ['sub'],
  clientId: ['azp'],
  tokenId: undefined,
  jwksOrigin: 'https://www.googleapis.com'
}
