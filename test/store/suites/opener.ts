import { openKeyRing } from '../../../lib/keys/key-ring.js'
import { openStore } from '../../../lib/store/open-store.js'

/**
 * A process beside the test: it says when it is ready, and on a message opens the store and does its share of work:
 * the key ring, a client of its own, one client that all want, rotations of a shared one.
 */
const [url, name] = process.argv.slice(2) as [string, string]

process.once('message', async () => {
  const store = await openStore(url)
  const { signingKey } = await openKeyRing(store.keys)
  await store.clients.create({ id: name, roles: ['viewer'] })
  const won = await store.clients.create({ id: 'shared', roles: [name] }).then(() => true, error => {
    if (error.code !== 'FST_KEYHOLE_CLIENT_EXISTS') throw error
    return false
  })
  const secrets: string[] = []
  for (let round = 0; round < 10; round++) secrets.push(await store.clients.rotateSecret('shared'))
  await store.close()
  process.send!({ kid: signingKey.kid, won, secrets }, () => process.disconnect())
})
process.send!('ready')
