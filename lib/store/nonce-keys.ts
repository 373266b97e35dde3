import type { Kysely } from 'kysely'
import type { NonceKeyStorage } from '../dpop/options.js'
import type { Queries } from './database.js'
import { timestamp, type Tables } from './tables.js'

/** The one secret that nonces are made with. */
export function nonceKeys ({ read, transaction }: Queries): NonceKeyStorage {
  return Object.freeze<NonceKeyStorage>({
    async addFirst (key) {
      // Whoever finds it there has no need to wait for others that write.
      return await read(keptIn) ?? await transaction(async trx => {
        await trx.insertInto('nonce_keys').values({ position: 1, secret: key, created_at: timestamp() })
          .onConflict(conflict => conflict.column('position').doNothing()).execute()
        return (await keptIn(trx))!
      }, { repeatable: true })
    }
  })
}

async function keptIn (db: Kysely<Tables>): Promise<string | undefined> {
  return (await db.selectFrom('nonce_keys').select('secret').where('position', '=', 1).executeTakeFirst())?.secret
}
