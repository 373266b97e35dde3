import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import type { Sealer } from '../keys/sealing.js'
import type { KeyState, KeyStorage, NewKey, StoredKey } from '../keys/storage.js'
import { parseStored, type Query, type Tables } from './tables.js'

type Row = Insertable<Tables['signing_keys']>

/** The issuer's signing keys. Where transactions do not exclude each other, the table lets one key only be the next, and one sign. */
export function signingKeys (query: Query, sealer: Sealer): KeyStorage {
  async function sealed ({ kid, alg, publicJwk, privateJwk }: NewKey, createdAt: number, signsFrom: number): Promise<Omit<Row, 'generation' | 'state'>> {
    const { sealing, text } = await sealer.seal(kid, privateJwk)
    return { kid, alg, public_jwk: JSON.stringify(publicJwk), sealing, private_jwk: text, created_at: createdAt, signs_from: signsFrom, retired_at: null }
  }

  async function addAs (state: KeyState, key: NewKey, now: number, signsFrom: number): Promise<void> {
    const row = await sealed(key, now, signsFrom)
    await query(db => db.transaction().execute(async trx => {
      if (await keyIn(trx, state) === undefined) await insert(trx, { ...row, state })
    }))
  }

  return Object.freeze<KeyStorage>({
    async list () {
      return await query(async db => {
        const rows = await db.selectFrom('signing_keys').selectAll().orderBy('generation', 'desc').execute()
        return rows.map(keyOf)
      })
    },

    async privateJwk (kid) {
      const row = await query(db => db.selectFrom('signing_keys').select(['sealing', 'private_jwk']).where('kid', '=', kid).executeTakeFirst())
      if (row?.sealing == null || row.private_jwk === null) return undefined
      const { privateJwk, isOutdated } = await sealer.open(kid, { sealing: row.sealing, text: row.private_jwk })
      if (isOutdated) {
        const { sealing, text } = await sealer.seal(kid, privateJwk)
        await query(db => db.updateTable('signing_keys').set({ sealing, private_jwk: text }).where('kid', '=', kid).where('private_jwk', '=', row.private_jwk).execute())
      }
      return privateJwk
    },

    addActive: (key, now) => addAs('active', key, now, now),

    addNext: (key, now, signsFrom) => addAs('next', key, now, signsFrom),

    async activate (kid, now) {
      await query(db => db.transaction().execute(async trx => {
        const isNext = await trx.updateTable('signing_keys').set({ signs_from: now }).where('kid', '=', kid).where('state', '=', 'next').executeTakeFirstOrThrow()
        if (isNext.numUpdatedRows === 0n) return
        await trx.updateTable('signing_keys').set({ state: 'retired', retired_at: now, sealing: null, private_jwk: null }).where('state', '=', 'active').execute()
        await trx.updateTable('signing_keys').set({ state: 'active' }).where('kid', '=', kid).execute()
      }))
    },

    async remove (kid, now, replacement) {
      const row = await sealed(replacement, now, now)
      await query(db => db.transaction().execute(async trx => {
        await trx.deleteFrom('signing_keys').where('kid', '=', kid).execute()
        if (await keyIn(trx, 'active') !== undefined) return
        const next = await keyIn(trx, 'next')
        if (next === undefined) await insert(trx, { ...row, state: 'active' })
        else await trx.updateTable('signing_keys').set({ state: 'active', signs_from: now }).where('kid', '=', next).execute()
      }))
    },

    async purge (retiredBefore) {
      await query(db => db.deleteFrom('signing_keys').where('retired_at', '<', retiredBefore).execute())
    }
  })
}

function keyOf (row: Selectable<Tables['signing_keys']>): StoredKey {
  return {
    kid: row.kid,
    alg: row.alg,
    publicJwk: parseStored(row.public_jwk),
    state: row.state,
    createdAt: row.created_at,
    signsFrom: row.signs_from,
    retiredAt: row.retired_at
  }
}

async function keyIn (trx: Transaction<Tables>, state: KeyState): Promise<string | undefined> {
  return (await trx.selectFrom('signing_keys').select('kid').where('state', '=', state).executeTakeFirst())?.kid
}

async function insert (db: Kysely<Tables>, row: Omit<Row, 'generation'>): Promise<void> {
  const { last } = await db.selectFrom('signing_keys').select(eb => eb.fn.max('generation').as('last')).executeTakeFirstOrThrow()
  await db.insertInto('signing_keys').values({ ...row, generation: (last ?? 0) + 1 }).onConflict(conflict => conflict.doNothing()).execute()
}
