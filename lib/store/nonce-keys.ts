import type { NonceKeyStorage } from '../dpop/options.js'
import { timestamp, type Query } from './tables.js'

/** The one secret that nonces are made with. */
export function nonceKeys (query: Query): NonceKeyStorage {
  return Object.freeze<NonceKeyStorage>({
    async addFirst (key) {
      return await query(db => db.transaction().execute(async trx => {
        await trx.insertInto('nonce_keys').values({ position: 1, secret: key, created_at: timestamp() })
          .onConflict(conflict => conflict.column('position').doNothing()).execute()
        const { secret } = await trx.selectFrom('nonce_keys').select('secret').where('position', '=', 1).executeTakeFirstOrThrow()
        return secret
      }))
    }
  })
}
