import { openStore, type Store } from 'fastify-keyhole/store'
import t, { type Test } from 'tap'
import { createDemoClients, demoClientsInUse, readDemoClients } from '../../example-app/demo-clients.js'
import { readPolicy } from '../../example-app/policy.js'

const demoClients = await readDemoClients()

async function emptyStore (t: Test): Promise<Store> {
  const store = await openStore('sqlite::memory:')
  t.teardown(() => store.close())
  return store
}

t.test('the list → one client a role, its id the role', async t => {
  t.strictSame(demoClients.map(({ role }) => role), Object.keys((await readPolicy()).current.document.roles))
  for (const client of demoClients) {
    t.strictSame(Object.keys(client), ['role', 'client_id', 'client_secret', 'api_key'])
    t.equal(client.client_id, client.role)
  }
})

t.test('an empty store → all are made, with claims in all claim sets, and in use', async t => {
  const store = await emptyStore(t)
  await createDemoClients(store, demoClients)
  t.strictSame(await demoClientsInUse(store, demoClients), demoClients)
  for (const { id, roles, claims } of await store.clients.list()) {
    t.strictSame(roles, [id])
    t.strictSame(Object.keys(claims), ['name', 'email', 'department', 'address', 'banking'])
  }
  await createDemoClients(store, demoClients)
  t.equal((await store.clients.list()).length, demoClients.length)
})

t.test('a store with a client → none are made, none are in use', async t => {
  const store = await emptyStore(t)
  await store.clients.create({ id: 'crm', roles: ['salesperson'] })
  await createDemoClients(store, demoClients)
  t.strictSame((await store.clients.list()).map(({ id }) => id), ['crm'])
  t.strictSame(await demoClientsInUse(store, demoClients), [])
})

t.test('disabled, deleted, or its secret rotated twice → not in use', async t => {
  const store = await emptyStore(t)
  await createDemoClients(store, demoClients)
  await store.clients.disable('viewer')
  await store.clients.delete('admin')
  await store.clients.rotateSecret('editor')
  await store.clients.rotateSecret('manager')
  await store.clients.rotateSecret('manager')
  t.strictSame((await demoClientsInUse(store, demoClients)).map(({ role }) => role), ['salesperson', 'editor'])
})
