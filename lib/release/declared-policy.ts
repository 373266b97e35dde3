/**
 * The names of your policy, for the compiler. Say them once, and a misspelt one is an error where it is written:
 *
 * ```ts
 * declare module 'fastify-keyhole' {
 *   interface DeclaredPolicy { claimSets: 'profile_claims' | 'banking_claims' }
 * }
 * ```
 */
export interface DeclaredPolicy {}

/** The name of a claim set: one that the application declared, or any where it declared none. */
export type ClaimSetName = DeclaredPolicy extends { readonly claimSets: infer Names extends string } ? Names : string
