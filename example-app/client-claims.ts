import { Type, type Static } from '@sinclair/typebox'
import { claimSet } from 'fastify-keyhole'

/** What the application knows about a client itself; it comes along with the client's token, by its scopes. */
export const ClientClaimsSchema = Type.Object({
  name: claimSet(['profile_claims', 'contact_claims'], Type.String()),
  email: claimSet(['profile_claims', 'contact_claims'], Type.String()),
  department: claimSet('profile_claims', Type.String()),
  address: claimSet('address_claims', Type.Object({ city: Type.String(), country: Type.String() })),
  banking: claimSet('banking_claims', Type.Object({ costCentre: Type.String(), iban: Type.String() }))
})

export type ClientClaims = Static<typeof ClientClaimsSchema>
