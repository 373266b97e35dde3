export { openStore, type StoreOptions } from './open-store.js'
export type { KeyEncryption, KeyWrap, WrapContext } from '../keys/sealing.js'
export type { Client, Clients, ClientWithCredentials, CreatedClient, NewClient, NewClientWithSecret, Policies, Store } from './store.js'
