import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { openStore, type Store } from 'fastify-keyhole/store'
import { readConfig } from './config.js'
import { readDemoClients } from './demo-clients.js'

/** Makes real clients and removes the demo clients: `npm run clients -- create crm salesperson`, `… delete-demo`. */

const [command, ...parameters] = process.argv.slice(2)
const { dataDir } = readConfig(process.env)
await mkdir(dataDir, { recursive: true })
const store = await openStore(`sqlite:${join(dataDir, 'keyhole.db')}`)
try {
  await run(store)
} finally {
  await store.close()
}

async function run (store: Store): Promise<void> {
  switch (command) {
    case 'create': {
      const [id = '', ...roles] = parameters
      const { clientSecret, apiKey } = await store.clients.create({ id, roles })
      console.log(`client_id      ${id}\nclient_secret  ${clientSecret}\napi_key        ${apiKey}\nThey are shown this once. Keep them.`)
      break
    }
    case 'delete-demo':
      for (const { client_id: id } of await readDemoClients()) {
        if (await store.clients.get(id) !== null) await store.clients.delete(id)
      }
      break
    default:
      console.error('Use: create ID ROLE..., or delete-demo')
      process.exitCode = 1
  }
}
