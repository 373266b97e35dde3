import type { Insertable, Kysely, Selectable, Transaction } from 'kysely'
import { OptionInvalidError } from '../errors.js'
import type { Sealer } from '../keys/sealing.js'
import type { KeyState, KeyStorage, NewKey, StoredKey } from '../keys/storage.js'
import type { Queries, Transacting } from './database.js'
import { parseStored, type Tables } from './tables.js'

type Row = Insertable<Tables['signing_keys']>

const CHANGES: Transacting = { changes: 'signing_keys' }

/** For what nobody has to be told of. */
const QUIETLY: Transacting = { repeatable: true }

/** The issuer's signing keys. The table lets one key only be the next, and one sign. */
export function signingKeys ({ read, transaction, onChange }: Queries, sealer: Sealer): KeyStorage {
  async function sealed ({ kid, alg, publicJwk, privateJwk }: NewKey, createdAt: number, signsFrom: number): Promise<Omit<Row, 'generation' | 'state'>> {
    const { sealing, text } = await sealer.seal(kid, privateJwk)
    return { kid, alg, public_jwk: JSON.stringify(publicJwk), sealing, private_jwk: text, created_at: createdAt, signs_from: signsFrom, retired_at: null }
  }

  async function addAs (state: KeyState, key: NewKey, now: number, signsFrom: number): Promise<void> {
    const row = await sealed(key, now, signsFrom)
    refuseBeside(await transaction(async trx => {
      if (await keyIn(trx, state) !== undefined) return
      const encrypted = await encryptedBeside(trx, row)
      if (encrypted === undefined) await insert(trx, { ...row, state })
      return encrypted
    }, CHANGES))
  }

  return Object.freeze<KeyStorage>({
    async list () {
      return await read(async db => {
        const rows = await db.selectFrom('signing_keys').selectAll().orderBy('generation', 'desc').execute()
        return rows.map(keyOf)
      })
    },

    async privateJwk (kid) {
      const row = await read(db => db.selectFrom('signing_keys').select(['sealing', 'private_jwk']).where('kid', '=', kid).executeTakeFirst())
      if (row?.sealing == null || row.private_jwk === null) return undefined
      const { privateJwk, isOutdated } = await sealer.open(kid, { sealing: row.sealing, text: row.private_jwk })
      if (isOutdated) {
        const { sealing, text } = await sealer.seal(kid, privateJwk)
        await transaction(trx => trx.updateTable('signing_keys').set({ sealing, private_jwk: text }).where('kid', '=', kid).where('private_jwk', '=', row.private_jwk).execute(), QUIETLY)
      }
      return privateJwk
    },

    addActive: (key, now) => addAs('active', key, now, now),

    addNext: (key, now, signsFrom) => addAs('next', key, now, signsFrom),

    async activate (kid, now) {
      await transaction(async trx => {
        const isNext = await trx.updateTable('signing_keys').set({ signs_from: now }).where('kid', '=', kid).where('state', '=', 'next').executeTakeFirstOrThrow()
        if (isNext.numUpdatedRows === 0n) return
        await trx.updateTable('signing_keys').set({ state: 'retired', retired_at: now, sealing: null, private_jwk: null }).where('state', '=', 'active').execute()
        await trx.updateTable('signing_keys').set({ state: 'active' }).where('kid', '=', kid).execute()
      }, CHANGES)
    },

    async remove (kid, now, replacement) {
      const row = await sealed(replacement, now, now)
      refuseBeside(await transaction(async trx => {
        const others = await trx.selectFrom('signing_keys').select('kid').where('state', '!=', 'retired').where('kid', '!=', kid).execute()
        const encrypted = others.length > 0 ? undefined : await encryptedBeside(trx, row)
        if (encrypted !== undefined) return encrypted
        await trx.deleteFrom('signing_keys').where('kid', '=', kid).execute()
        if (await keyIn(trx, 'active') !== undefined) return
        const next = await keyIn(trx, 'next')
        if (next === undefined) await insert(trx, { ...row, state: 'active' })
        else await trx.updateTable('signing_keys').set({ state: 'active', signs_from: now }).where('kid', '=', next).execute()
      }, CHANGES))
    },

    async purge (retiredBefore) {
      await transaction(trx => trx.deleteFrom('signing_keys').where('retired_at', '<', retiredBefore).execute(), QUIETLY)
    },

    onChange: onChange('signing_keys')
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
    retiredAt: row.retired_at,
    sealing: row.sealing
  }
}

async function keyIn (trx: Transaction<Tables>, state: KeyState): Promise<string | undefined> {
  return (await trx.selectFrom('signing_keys').select('kid').where('state', '=', state).executeTakeFirst())?.kid
}

/** A key that is encrypted, where a new one would not be. */
async function encryptedBeside (trx: Transaction<Tables>, { sealing }: Pick<Row, 'sealing'>): Promise<string | undefined> {
  if (sealing !== 'none') return undefined
  return (await trx.selectFrom('signing_keys').select('kid').where('sealing', '!=', 'none').executeTakeFirst())?.kid
}

/** Whoever opened the store without a key may only have forgotten it: no private key is left open for that. */
function refuseBeside (encrypted: string | undefined): void {
  if (encrypted === undefined) return
  throw new OptionInvalidError(`openStore: keyEncryption: the key ${JSON.stringify(encrypted)} is encrypted, and a new one would not be. Pass the key or the functions by which that one was, to a command by KEYHOLE_KEY_ENCRYPTION or --encryption; or a new key, if they are lost.`)
}

async function insert (db: Kysely<Tables>, row: Omit<Row, 'generation'>): Promise<void> {
  const { last } = await db.selectFrom('signing_keys').select(eb => eb.fn.max('generation').as('last')).executeTakeFirstOrThrow()
  await db.insertInto('signing_keys').values({ ...row, generation: (last ?? 0) + 1 }).onConflict(conflict => conflict.doNothing()).execute()
}
