import type { TokenProfile } from '../token-profile.js'

/**
 * Auth0, with its own token profile or that of RFC 9068. `typ` of the first is `JWT`. In its stead: `azp`, and nothing
 * that ID tokens alone have; an API's identifier is never a client's id, which is the audience of ID tokens.
 * The first has no `jti`.
 */
export const auth0: TokenProfile = {
  documentation: 'https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles',
  types: ['jwt', 'at+jwt'],
  demanded: {},
  marks: ['client_id', 'azp'],
  forbidden: ['nonce', 'at_hash', 'c_hash'],
  audience: ['aud'],
  scope: ['scope'],
  clientId: ['client_id', 'azp'],
  tokenId: undefined
}
