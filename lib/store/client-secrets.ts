import type { Kysely, Selectable, Transaction } from 'kysely'
import type { SecretKind } from '../credentials/secret.js'
import type { SecretState } from './store.js'
import { timestamp, type Tables } from './tables.js'

type Row = Selectable<Tables['client_secrets']>

/** What may be shown of secrets of one kind, newest first. */
export function statesOf (kind: SecretKind, rows: readonly Omit<Row, 'hash'>[]): SecretState[] {
  return rows.filter(row => row.kind === kind)
    .map(row => ({ createdAt: row.created_at, expiresAt: row.expires_at, lastUsedAt: row.last_used_at }))
}

/**
 * The current secret becomes the one before, and the one before that is gone.
 * @param keepFor for how many seconds the one that was current holds at most; until the next time, when undefined
 */
export async function retireCurrent (trx: Transaction<Tables>, id: string, kind: SecretKind, keepFor: number | undefined): Promise<void> {
  const at = (position: number) => ({ client_id: id, kind, position })
  await trx.deleteFrom('client_secrets').where(eb => eb.and(at(2))).execute()
  await trx.updateTable('client_secrets').set({ position: 2 }).where(eb => eb.and(at(1))).execute()
  if (keepFor === undefined) return
  const until = timestamp() + keepFor
  await trx.updateTable('client_secrets').set({ expires_at: until }).where(eb => eb.and(at(2)))
    .where(eb => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', until)])).execute()
}

/** Drops what has expired: of one client, or of all. */
export async function purgeExpired (db: Kysely<Tables>, id?: string): Promise<void> {
  const expired = db.deleteFrom('client_secrets').where('expires_at', '<=', timestamp())
  await (id === undefined ? expired : expired.where('client_id', '=', id)).execute()
}
