import type { PolicyDocument } from '../../lib/policy/document.js'

/** A good document; each call makes another, so that tests may change it. */
export function policyDocument (): { -readonly [Member in keyof PolicyDocument]: PolicyDocument[Member] } {
  return {
    claimSets: { profile_claims: {}, contact_claims: {}, address_claims: { purpose: 'delivery', owner: 'sales' } },
    scopes: {
      profile: { reads: ['profile_claims', 'contact_claims'] },
      'profile:write': { writes: ['profile_claims'] },
      'address:all': { reads: ['address_claims'], writes: ['address_claims', 'profile_claims'] },
      contact: { reads: ['contact_claims'], writes: [] },
      nothing: {}
    },
    roles: { manager: ['contact', 'profile'], editor: ['profile:write', 'profile'], idle: [] }
  }
}
