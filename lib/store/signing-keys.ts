import type { KeyStorage } from '../keys/storage.js'
import { parseStored, type Query } from './tables.js'

/** The issuer's signing keys. */
export function signingKeys (query: Query): KeyStorage {
  return Object.freeze<KeyStorage>({
    async list () {
      return await query(async db => {
        const rows = await db.selectFrom('signing_keys').selectAll().orderBy('generation', 'desc').execute()
        return rows.map(row => ({ kid: row.kid, alg: row.alg, privateJwk: parseStored(row.private_jwk), createdAt: row.created_at }))
      })
    },

    async addFirst ({ kid, alg, privateJwk, createdAt }) {
      const row = { generation: 1, kid, alg, private_jwk: JSON.stringify(privateJwk), created_at: createdAt }
      await query(db => db.transaction().execute(async trx => {
        const [first] = await trx.selectFrom('signing_keys').select('generation').limit(1).execute()
        if (first !== undefined) return
        // Where transactions do not exclude each other, the generation still lets only one of them in.
        await trx.insertInto('signing_keys').values(row).onConflict(conflict => conflict.column('generation').doNothing()).execute()
      }))
    }
  })
}
