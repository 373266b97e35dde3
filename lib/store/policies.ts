import type { Kysely } from 'kysely'
import { OptionInvalidError, PolicyChangedError } from '../errors.js'
import { createPolicy } from '../policy/policy.js'
import type { Queries } from './database.js'
import type { Policies } from './store.js'
import { parseStored, timestamp, type Tables } from './tables.js'

/** The policies that were published. */
export function policies ({ read, transaction, onChange }: Queries): Policies {
  return Object.freeze<Policies>({
    async publish (given, options = {}) {
      checkOptions(options)
      const { version, document } = createPolicy(given).current
      const { ifVersion } = options
      const { changedTo } = await transaction(async (trx): Promise<{ readonly changedTo?: string }> => {
        const latest = await latestIn(trx)
        if (ifVersion !== undefined && ifVersion !== (latest?.version ?? null)) return { changedTo: latest?.version ?? 'none' }
        if (latest?.version === version) return {}
        const place = { sequence: (latest?.sequence ?? 0) + 1, published_at: timestamp() }
        await trx.insertInto('policies').values({ version, document: JSON.stringify(document), ...place })
          .onConflict(conflict => conflict.column('version').doUpdateSet(place)).execute()
        return {}
      }, { changes: 'policies' })
      if (changedTo !== undefined) throw new PolicyChangedError(changedTo)
      return version
    },

    async latest () {
      return await read(async db => {
        const row = await db.selectFrom('policies').select('document').orderBy('sequence', 'desc').limit(1).executeTakeFirst()
        return row === undefined ? null : parseStored(row.document)
      })
    },

    async get (version) {
      return await read(async db => {
        const row = await db.selectFrom('policies').select('document').where('version', '=', version).executeTakeFirst()
        return row === undefined ? null : parseStored(row.document)
      })
    },

    async history () {
      return await read(async db => {
        const rows = await db.selectFrom('policies').select(['version', 'published_at']).orderBy('sequence', 'desc').execute()
        return rows.map(({ version, published_at: publishedAt }) => ({ version, publishedAt }))
      })
    },

    onChange: onChange('policies')
  })
}

async function latestIn (db: Kysely<Tables>): Promise<{ readonly version: string, readonly sequence: number } | undefined> {
  return await db.selectFrom('policies').select(['version', 'sequence']).orderBy('sequence', 'desc').limit(1).executeTakeFirst()
}

/** A misspelt guard would guard nothing. */
function checkOptions (options: object): void {
  const [unknown] = Object.keys(options).filter(name => name !== 'ifVersion')
  if (unknown !== undefined) throw new OptionInvalidError(`policies.publish: there is no option ${unknown}; there is ifVersion.`)
}
