import type { Test } from 'tap'
import { hashSecret } from '../../../lib/credentials/secret.js'
import { openStore } from '../../../lib/store/open-store.js'
import type { IssuedCredentials, NewClient } from '../../../lib/store/store.js'
import type { TestDatabase } from '../databases.js'

const ids = (count: number): NewClient[] => Array.from({ length: count }, (_, index) => ({ id: `c${index}`, roles: ['viewer'] }))

/** Many clients at once. */
export function createAllSuite (t: Test, database: TestDatabase): void {
  async function setUp (t: Test) {
    const store = await openStore(await database.url(t))
    t.teardown(() => store.close())
    const issued: (IssuedCredentials & { readonly id: string })[] = []
    return { ...store, issued, onCreated: (credentials: (typeof issued)[number]) => { issued.push(credentials) } }
  }

  t.test('many clients, from a list or as they come → all of them, each with the credentials that were told', async t => {
    const { clients, credentials, issued, onCreated } = await setUp(t)
    async function * coming () {
      yield { id: 'robot', roles: ['robot'], authMethod: 'federated' as const, federated: { issuer: 'https://a.example', subject: 'x' } }
    }
    t.equal(await clients.createAll(ids(1001), onCreated), 1001)
    t.equal(await clients.createAll(coming(), onCreated), 1)
    t.equal(await clients.createAll([], onCreated), 0)
    t.equal((await clients.list()).length, 1002)
    t.strictSame(issued.at(-1), { id: 'robot' })
    for (const { id, clientSecret, apiKey } of [issued[0]!, issued[1000]!]) {
      t.match(await credentials.find(id), { clientSecretHashes: [hashSecret(clientSecret!)], apiKeyHashes: [hashSecret(apiKey!)] })
    }
  })

  t.test('an id that is taken, or stands twice, near or far → none is kept, and it is named', async t => {
    const { clients, onCreated } = await setUp(t)
    await clients.create({ id: 'c700', roles: ['viewer'] })
    await t.rejects(clients.createAll(ids(1000), onCreated), { code: 'FST_KEYHOLE_CLIENT_EXISTS', clientId: 'c700' })
    for (const twice of [[...ids(2), ...ids(1)], [...ids(600), ...ids(1)]]) {
      await t.rejects(clients.createAll(twice, onCreated), { code: 'FST_KEYHOLE_CLIENT_EXISTS', clientId: 'c0' })
    }
    t.strictSame((await clients.list()).map(({ id }) => id), ['c700'])
  })

  t.test('a client that is wrong, clients that end in an error, credentials that cannot be told → none is kept, and it goes through', async t => {
    const { clients, close, onCreated } = await setUp(t)
    await t.rejects(clients.createAll([...ids(600), { id: 'x', roles: [] }], onCreated), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^clients\.create: roles: write a list/ })
    async function * breaking () {
      yield * ids(600)
      throw new Error('the file is gone')
    }
    await t.rejects(clients.createAll(breaking(), onCreated), new Error('the file is gone'))
    await t.rejects(clients.createAll(ids(1), async () => { throw new Error('the disk is full') }), new Error('the disk is full'))
    t.strictSame(await clients.list(), [])
    await close()
    await t.rejects(clients.createAll(ids(1), onCreated), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE' })
  })
}
