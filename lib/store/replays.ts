import { createHash } from 'node:crypto'
import type { ReplayStorage } from '../replay/replay-storage.js'
import { timestamp, type Query } from './tables.js'

/** How often what has expired is dropped, in seconds. */
const SWEEP = 60

/** What was used once, by its hash: an identifier of any length takes 43 characters. */
export function replays (query: Query): ReplayStorage {
  let sweptAt = -Infinity

  return Object.freeze<ReplayStorage>({
    async use (kind, id, expiresAt) {
      const row = { kind, id_hash: createHash('sha256').update(id).digest('base64url'), expires_at: Math.ceil(expiresAt) }
      const now = timestamp()
      return await query(db => db.transaction().execute(async trx => {
        if (now - sweptAt >= SWEEP) {
          await trx.deleteFrom('replays').where('expires_at', '<', now).execute()
          sweptAt = now
        }
        const { numInsertedOrUpdatedRows } = await trx.insertInto('replays').values(row)
          .onConflict(conflict => conflict.columns(['kind', 'id_hash']).doNothing()).executeTakeFirstOrThrow()
        return numInsertedOrUpdatedRows === 1n
      }))
    }
  })
}
