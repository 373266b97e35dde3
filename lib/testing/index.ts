export { dpopFor, type DpopHeaders } from './dpop-for.js'
export { credentialProviderContract } from './provider-contract.js'
export type { ContractTest, KnownClient, ProviderSubject, Without } from './provider-subject.js'
export { tokenFor, type TestToken } from './token-for.js'
