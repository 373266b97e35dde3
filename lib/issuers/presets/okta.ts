import type { TokenProfile } from '../token-profile.js'

/**
 * Okta, a custom authorization server (tokens of the org server are for Okta alone). There is no `typ`. In its stead:
 * `cid`, the client's id, which ID tokens do not have, and nothing that ID tokens alone have.
 */
export const okta: TokenProfile = {
  documentation: 'https://developer.okta.com/docs/guides/validate-access-tokens/',
  types: [null, 'jwt', 'at+jwt'],
  demanded: { ver: [1] },
  marks: ['cid'],
  forbidden: ['nonce', 'at_hash', 'c_hash'],
  audience: ['aud'],
  scope: ['scp'],
  clientId: ['cid'],
  tokenId: 'jti'
}
