import type { TokenProfile } from '../token-profile.js'

/**
 * Microsoft Entra ID. `typ` is always `JWT`. In its stead: `azp` (tokens of version 2.0) or `appid` (1.0), which ID
 * tokens do not have, and nothing that ID tokens alone have. Delegated permissions (`scp`) go before app roles (`roles`):
 * with both, the roles are the user's, not the client's.
 */
export const entraId: TokenProfile = {
  documentation: 'https://learn.microsoft.com/en-us/entra/identity-platform/access-token-claims-reference',
  types: ['jwt'],
  demanded: { ver: ['1.0', '2.0'] },
  marks: ['azp', 'appid'],
  forbidden: ['nonce', 'at_hash', 'c_hash'],
  audience: ['aud'],
  scope: ['scp', 'roles'],
  clientId: ['azp', 'appid'],
  tokenId: 'uti'
}
