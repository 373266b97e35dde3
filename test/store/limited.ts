import { openStore } from '../../lib/store/open-store.js'

/** A process beside the test whose files may not grow without limit, or that runs as somebody else: it says what became of reading and writing. */
const [url, user] = process.argv.slice(2) as [string, string | undefined]
if (user !== undefined) process.setuid!(Number(user))

const { clients, policies, close } = await openStore(url).catch(error => {
  console.log(JSON.stringify({ code: error.code, message: error.message }))
  process.exit()
})
let written = 0
const failure = await (async () => {
  for (;;) {
    await clients.create({ id: `client-${written}`, roles: ['viewer'], claims: { text: 'x'.repeat(2000) } })
    if (++written === 10_000) return undefined
  }
})().catch(error => error)
const read = (await clients.list()).length
const again = await policies.publish({ claimSets: { a: {} }, scopes: { s: { reads: ['a'] } }, roles: {} }).then(() => 'published', error => error.code)
await close()
console.log(JSON.stringify({ written, read, again, code: failure?.code, message: failure?.message }))
