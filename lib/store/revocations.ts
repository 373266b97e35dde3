import type { Kysely } from 'kysely'
import type { Revocation, RevocationStorage } from '../access-token/revocation.js'
import type { Queries } from './database.js'
import { timestamp, type Tables } from './tables.js'

/** Seconds for which an expired revocation is kept: clocks differ. */
const GRACE = 120

/** Tokens that are no longer good, until they expire. */
export function revocations ({ read, transaction, onChange }: Queries): RevocationStorage {
  return Object.freeze<RevocationStorage>({
    async add (revocation) {
      await transaction(async trx => {
        await trx.deleteFrom('revocations').where('expires_at', '<', timestamp() - GRACE).execute()
        await insertRevocation(trx, revocation)
      }, { changes: 'revocations', repeatable: true })
    },

    async since (position) {
      return await read(async db => {
        const rows = await db.selectFrom('revocations').selectAll().where('position', '>', position).orderBy('position').execute()
        return { revocations: rows.map(revocationOf), position: rows.at(-1)?.position ?? position }
      })
    },

    onChange: onChange('revocations')
  })
}

export async function insertRevocation (db: Kysely<Tables>, revocation: Revocation): Promise<void> {
  const { kind, expiresAt } = revocation
  const subject = revocation.kind === 'token'
    ? { name: revocation.tokenId, issued_before: 0 }
    : { name: revocation.clientId, issued_before: revocation.issuedBefore }
  await db.insertInto('revocations').values({ kind, expires_at: expiresAt, ...subject })
    .onConflict(conflict => conflict.columns(['kind', 'name', 'issued_before']).doNothing()).execute()
}

function revocationOf ({ kind, name, issued_before: issuedBefore, expires_at: expiresAt }: Omit<Tables['revocations'], 'position'>): Revocation {
  return kind === 'token' ? { kind, tokenId: name, expiresAt } : { kind, clientId: name, issuedBefore, expiresAt }
}
