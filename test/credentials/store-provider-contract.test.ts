import { join } from 'node:path'
import t from 'tap'
import { openStore } from '../../lib/store/open-store.js'
import { credentialProviderContract } from '../../lib/testing/provider-contract.js'
import { postgres, sqlite } from '../store/databases.js'
import { storeSubject } from './store-subject.js'

const folder = t.testdir()
let files = 0
const inFiles = { ...sqlite, url: async () => `sqlite:${join(folder, `${++files}.db`)}` }

for (const database of [inFiles, await postgres(t)]) {
  t.test(`the provider of a store, ${database.kind} → the contract`, async t => {
    await credentialProviderContract(t, async contract => {
      const url = await database.url(t)
      const store = await openStore(url)
      contract.after(store.close)
      return await storeSubject(store, (await database.sql(t, url)).run)
    })
  })
}
