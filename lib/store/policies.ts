import { createPolicy } from '../policy/policy.js'
import type { Policies } from './store.js'
import { parseStored, timestamp, type Query } from './tables.js'

/** The policies that were published. */
export function policies (query: Query): Policies {
  return Object.freeze<Policies>({
    async publish (given) {
      const { version, document } = createPolicy(given).current
      await query(db => db.transaction().execute(async trx => {
        const latest = await trx.selectFrom('policies').select(['version', 'sequence']).orderBy('sequence', 'desc').limit(1).executeTakeFirst()
        if (latest?.version === version) return
        const place = { sequence: (latest?.sequence ?? 0) + 1, published_at: timestamp() }
        await trx.insertInto('policies').values({ version, document: JSON.stringify(document), ...place })
          .onConflict(conflict => conflict.column('version').doUpdateSet(place)).execute()
      }))
      return version
    },

    async latest () {
      return await query(async db => {
        const row = await db.selectFrom('policies').select('document').orderBy('sequence', 'desc').limit(1).executeTakeFirst()
        return row === undefined ? null : parseStored(row.document)
      })
    }
  })
}
