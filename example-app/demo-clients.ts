import { readFile } from 'node:fs/promises'
import { storeCredentialProvider } from 'fastify-keyhole'
import type { Store } from 'fastify-keyhole/store'
import type { ClientClaims } from './client-claims.js'

/** A client whose credentials stand in this repository, for everyone to read. */
export interface DemoClient {
  readonly role: string
  readonly client_id: string
  readonly client_secret: string
  readonly api_key: string
}

export async function readDemoClients (): Promise<DemoClient[]> {
  return JSON.parse(await readFile(new URL('demo-clients.json', import.meta.url), 'utf8'))
}

/** Puts the demo clients into a store that has no clients yet. */
export async function createDemoClients (store: Store, demoClients: readonly DemoClient[]): Promise<void> {
  if ((await store.clients.list()).length > 0) return
  for (const { role, client_id: id, client_secret: clientSecret, api_key: apiKey } of demoClients) {
    await store.clients.create({ id, roles: [role], claims: claimsOf(role), clientSecret, apiKey }).catch((error: { readonly code?: unknown }) => {
      // Another process that starts now was quicker.
      if (error.code !== 'FST_KEYHOLE_CLIENT_EXISTS') throw error
    })
  }
}

/** Those demo clients whose published credentials the store accepts. */
export async function demoClientsInUse (store: Store, demoClients: readonly DemoClient[]): Promise<DemoClient[]> {
  const provider = storeCredentialProvider(store)
  const context = { issuer: 'http://localhost', signal: new AbortController().signal }
  const principals = await Promise.all(demoClients.map(({ client_id: clientId, client_secret: clientSecret, api_key: apiKey }) =>
    provider.verify({ clientId, clientSecret, apiKey }, context)))
  return demoClients.filter((_, index) => principals[index] !== null)
}

function claimsOf (role: string): ClientClaims {
  return {
    name: `Demo ${role}`,
    email: `${role}@example.com`,
    department: 'Demonstrations',
    address: { city: 'Utrecht', country: 'Netherlands' },
    banking: { costCentre: `demo-${role}`, iban: 'NL02ABNA0123456789' }
  }
}
