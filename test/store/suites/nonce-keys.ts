import type { Test } from 'tap'
import { openStore } from '../../../lib/store/open-store.js'
import type { TestDatabase } from '../databases.js'

/** The secret of nonces. */
export function nonceKeysSuite (t: Test, database: TestDatabase): void {
  t.test('E15 the secret of nonces → made once, the same for each process and after a restart', async t => {
    const url = await database.url(t)
    const stores = [await openStore(url), await openStore(url)]
    t.teardown(async () => { for (const store of stores) await store.close() })
    const keys = await Promise.all(stores.map((store, index) => store.nonceKeys.addFirst(`key ${index}`)))
    t.equal(new Set(keys).size, 1)
    t.match(keys[0], /^key [01]$/)
    const again = await openStore(url)
    t.equal(await again.nonceKeys.addFirst('another'), keys[0])
    await again.close()
  })
}
