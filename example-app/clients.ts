import { openStore, type Store } from 'fastify-keyhole/store'
import { readConfig } from './config.js'
import { databaseUrls } from './database-urls.js'
import { demoClientsInUse, readDemoClients } from './demo-clients.js'
import { readPolicy } from './policy.js'

/** Makes real clients and removes the demo clients: `npm run clients -- create crm salesperson`, `… delete-demo`. */

const [command, ...parameters] = process.argv.slice(2)
try {
  const urls = await databaseUrls(readConfig(process.env))
  const store = await openStore(urls.store)
  try {
    await run(store)
  } finally {
    await store.close()
  }
} catch (error) {
  console.error((error as Error).message)
  process.exitCode = 1
}

async function run (store: Store): Promise<void> {
  switch (command) {
    case 'create': return await create(store, ...parameters)
    case 'delete-demo': return await deleteDemo(store)
    default: throw new Error('Write: create ID ROLE..., or delete-demo')
  }
}

async function create (store: Store, id = '', ...roles: string[]): Promise<void> {
  const known = Object.keys((await readPolicy()).current.document.roles)
  const unknown = roles.filter(role => !known.includes(role))
  if (unknown.length > 0) throw new Error(`There is no role ${unknown.join(', ')}. The policy has ${known.join(', ')}.`)
  const { clientSecret, apiKey } = await store.clients.create({ id, roles })
  console.log(`client_id      ${id}\nclient_secret  ${clientSecret}\napi_key        ${apiKey}\nThis is the only time that they are shown.`)
}

async function deleteDemo (store: Store): Promise<void> {
  for (const { client_id: id } of await demoClientsInUse(store, await readDemoClients())) await store.clients.delete(id)
}
