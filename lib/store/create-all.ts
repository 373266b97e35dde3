import type { Transaction } from 'kysely'
import { ClientExistsError } from '../errors.js'
import type { Queries } from './database.js'
import { newClientRows } from './new-client-rows.js'
import type { Clients } from './store.js'
import type { Tables } from './tables.js'

type Rows = ReturnType<typeof newClientRows>

/** Clients that are written at once: as many as make the work quick, and no more parameters than a database takes. */
const BATCH = 500

/** `createAll` of the store's clients. */
export function createAll (transaction: Queries['transaction']): Clients['createAll'] {
  return async (clients, onCreated) => {
    let refusal: { readonly error: unknown } | undefined
    /** It ends the transaction, and is no fault of the database. */
    const refused = (error: unknown) => {
      refusal = { error }
      return error
    }
    try {
      return await transaction(async trx => {
        let count = 0
        const source = inBatches(clients, onCreated, refused)
        for await (const batch of source) {
          const taken = await insert(trx, batch)
          if (taken !== undefined) throw refused(Object.assign(new ClientExistsError(taken), { clientId: taken }))
          count += batch.length
        }
        return count
      })
    } catch (error) {
      throw refusal === undefined ? error : refusal.error
    }
  }
}

type Given = Parameters<Clients['createAll']>

async function * inBatches (clients: Given[0], onCreated: Given[1], refused: (error: unknown) => unknown): AsyncGenerator<Rows[]> {
  let batch: Rows[] = []
  try {
    for await (const client of clients) {
      const rows = newClientRows(client)
      await onCreated({ id: client.id, ...rows.issued })
      batch.push(rows)
      if (batch.length < BATCH) continue
      yield batch
      batch = []
    }
  } catch (error) {
    throw refused(error)
  }
  if (batch.length > 0) yield batch
}

/** @returns the first id that was taken, if any */
async function insert (trx: Transaction<Tables>, batch: readonly Rows[]): Promise<string | undefined> {
  const inserted = await trx.insertInto('clients').values(batch.map(({ row }) => row))
    .onConflict(conflict => conflict.column('id').doNothing()).returning('id').execute()
  if (inserted.length < batch.length) return firstTaken(batch, inserted.map(({ id }) => id))
  const secrets = batch.flatMap(({ secrets }) => secrets)
  if (secrets.length > 0) await trx.insertInto('client_secrets').values(secrets).execute()
}

/** One that was not inserted, or that stands there again. */
function firstTaken (batch: readonly Rows[], inserted: readonly string[]): string | undefined {
  const free = new Set(inserted)
  return batch.find(({ row: { id } }) => !free.delete(id))?.row.id
}
