export { openStore } from './open-store.js'
export type { Client, Clients, ClientWithCredentials, NewClient, Policies, Store } from './store.js'
