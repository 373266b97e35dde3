export { openStore } from './open-store.js'
export type { Client, Clients, ClientWithCredentials, CreatedClient, NewClient, NewClientWithSecret, Policies, Store } from './store.js'
