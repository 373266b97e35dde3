import { createHash, randomUUID } from 'node:crypto'
import type { ReplayStorage } from '../replay/replay-storage.js'
import type { Queries } from './database.js'
import { timestamp } from './tables.js'

/** How often what has expired is dropped, in seconds. */
const SWEEP = 60

/** For how long what has expired is remembered, in seconds: where a clock is behind, it would be taken once more. */
const GRACE = 300

/** What was used once, by its hash: an identifier of any length takes 43 characters. */
export function replays ({ transaction }: Queries): ReplayStorage {
  let sweptAt = -Infinity

  return Object.freeze<ReplayStorage>({
    async use (kind, id, expiresAt) {
      const key = { kind, id_hash: createHash('sha256').update(id).digest('base64url') }
      const use = randomUUID()
      const now = timestamp()
      return await transaction(async trx => {
        if (now - sweptAt >= SWEEP) {
          await trx.deleteFrom('replays').where('expires_at', '<', now - GRACE).execute()
          sweptAt = now
        }
        const { numInsertedOrUpdatedRows } = await trx.insertInto('replays').values({ ...key, expires_at: Math.ceil(expiresAt), used_by: use })
          .onConflict(conflict => conflict.columns(['kind', 'id_hash']).doNothing()).executeTakeFirstOrThrow()
        if (numInsertedOrUpdatedRows === 1n) return true
        // Of this very use, when it was committed and the answer was lost: that is no replay.
        const used = await trx.selectFrom('replays').select('used_by').where(eb => eb.and(key)).executeTakeFirst()
        return used?.used_by === use
      }, { repeatable: true })
    }
  })
}
