import { openStore } from '../../../lib/store/open-store.js'

/**
 * A process beside the test that makes administrative changes, one after the other, and says of each that it was
 * acknowledged before it begins the next, until it is killed.
 */
const [url, round] = process.argv.slice(2) as [string, string]
const store = await openStore(url)
const told = (what: object) => new Promise(resolve => process.send!(what, resolve))
const policy = (number: number) => ({ claimSets: { profile_claims: {} }, scopes: { [`scope_${round}_${number}`]: { reads: ['profile_claims'] } }, roles: {} })

await told({ ready: true })
for (let number = 0; ; number++) {
  const id = `client-${round}-${number}`
  switch (number % 4) {
    case 0: {
      const { clientSecret } = await store.clients.create({ id, roles: ['viewer'] })
      await told({ created: id, clientSecret })
      break
    }
    case 1:
      await told({ rotated: `client-${round}-${number - 1}`, secret: await store.clients.rotateSecret(`client-${round}-${number - 1}`) })
      break
    case 2:
      await told({ published: await store.policies.publish(policy(number)) })
      break
    default:
      await store.clients.disable(`client-${round}-${number - 3}`)
      await told({ disabled: `client-${round}-${number - 3}` })
  }
}
