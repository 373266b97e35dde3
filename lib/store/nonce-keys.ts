import type { NonceKeyStorage } from '../dpop/options.js'
import type { Queries } from './database.js'
import { timestamp } from './tables.js'

/** The one secret that nonces are made with. */
export function nonceKeys ({ transaction }: Queries): NonceKeyStorage {
  return Object.freeze<NonceKeyStorage>({
    async addFirst (key) {
      return await transaction(async trx => {
        await trx.insertInto('nonce_keys').values({ position: 1, secret: key, created_at: timestamp() })
          .onConflict(conflict => conflict.column('position').doNothing()).execute()
        const { secret } = await trx.selectFrom('nonce_keys').select('secret').where('position', '=', 1).executeTakeFirstOrThrow()
        return secret
      }, { repeatable: true })
    }
  })
}
