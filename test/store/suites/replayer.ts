import { openStore } from '../../../lib/store/open-store.js'

/** A process beside the test: on a message it uses the identifiers 0 to 99, and says which of them it was the first to use. */
const [url] = process.argv.slice(2) as [string]
const store = await openStore(url)

process.once('message', async () => {
  const used = await Promise.all(Array.from({ length: 100 }, (_, id) => store.replays.use('assertion', `${id}`, Date.now() / 1000 + 60)))
  await store.close()
  process.send!([...used.keys()].filter(id => used[id]), () => process.disconnect())
})
process.send!('ready')
