import type { Kysely, Selectable, Transaction } from 'kysely'
import { MAX_LIFETIME } from '../access-token/profile.js'
import type { Revocation } from '../access-token/revocation.js'
import { LATEST_TIME } from '../credentials/latest-time.js'
import type { ClientRegistration } from '../credentials/registration.js'
import { generateSecret, type SecretKind } from '../credentials/secret.js'
import { ClientExistsError, ClientUnknownError, OptionInvalidError } from '../errors.js'
import { changedClient, changeFaults } from './client-changes.js'
import { purgeExpired, retireCurrent, statesOf } from './client-secrets.js'
import { createAll } from './create-all.js'
import type { Queries } from './database.js'
import { isClientId, newClientFaults, refuseFaults, type ClientFault } from './new-client.js'
import { columnsOf, newClientRows, secretRow } from './new-client-rows.js'
import { DEFAULT_REGISTRATION } from './registration.js'
import { insertRevocation } from './revocations.js'
import { checkRotation } from './rotation.js'
import type { Client, ClientChanges, Clients, ClientWithCredentials, CreatedClient, NewClient, NewClientWithSecret, RegisteredClient, Rotation, UpdatedClient } from './store.js'
import { parseStored, timestamp, type Tables } from './tables.js'

/** By how much the clocks of processes may differ, in seconds. */
const CLOCKS_APART = 10

/** A token issued within this second may have been issued before now. */
const THIS_SECOND = 1

type SecretRow = Selectable<Tables['client_secrets']>

/** The store's clients, without any hash. */
export function clients ({ read, transaction }: Queries): Clients {
  const orUnknown = (id: string, found: boolean) => { if (!found) throw new ClientUnknownError(id) }

  async function create (client: NewClientWithSecret): Promise<ClientWithCredentials>
  async function create (client: NewClient): Promise<CreatedClient>
  async function create (client: NewClient): Promise<CreatedClient> {
    const { row, secrets, issued } = newClientRows(client)
    const created = await transaction(async trx => {
      const { numInsertedOrUpdatedRows } = await trx.insertInto('clients').values(row)
        .onConflict(conflict => conflict.column('id').doNothing()).executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 0n) return false
      if (secrets.length > 0) await trx.insertInto('client_secrets').values(secrets).execute()
      return true
    })
    if (!created) throw new ClientExistsError(row.id)
    return { ...clientOf(row, secrets), ...issued }
  }

  async function rotate (id: string, kind: SecretKind, method: string, rotation: Rotation): Promise<string> {
    checkRotation(method, rotation)
    const secret = generateSecret(kind)
    if (!isClientId(id)) throw new ClientUnknownError(id)
    const outcome = await transaction(async trx => {
      if (!await lock(trx, id)) return 'unknown'
      const client = registeredClient(await trx.selectFrom('clients').selectAll().where('id', '=', id).executeTakeFirstOrThrow())
      if (!(kind === 'client_secret' ? client.authMethod === 'client_secret' : client.requireApiKey)) return 'none'
      await retireCurrent(trx, id, kind, rotation.keepPreviousFor)
      await trx.insertInto('client_secrets').values(secretRow(id, kind, secret, rotation.expiresAt)).execute()
      await purgeExpired(trx, id)
      return 'rotated'
    })
    orUnknown(id, outcome !== 'unknown')
    if (outcome === 'none') throw new OptionInvalidError(`clients.${method}: the client '${id}' has none: it was registered to prove itself without.`)
    return secret
  }

  /** Does something to a client that there is, and revokes its tokens. @param before those issued before it, asked once it was done: it may have had to wait */
  async function revoking (id: string, work: (trx: Transaction<Tables>) => Promise<boolean>, before: () => number): Promise<void> {
    orUnknown(id, isClientId(id) && await transaction(async trx => {
      const found = await work(trx)
      if (found) await insertRevocation(trx, tokensOf(id, before()))
      return found
    }, { changes: 'revocations' }))
  }

  return Object.freeze<Clients>({
    create,

    createAll: createAll(transaction),

    async get (id) {
      if (!isClientId(id)) return null
      return await read(async db => {
        const row = await db.selectFrom('clients').selectAll().where('id', '=', id).executeTakeFirst()
        const secrets = await secretsOf(db, id)
        return row === undefined ? null : clientOf(row, secrets)
      })
    },

    async list () {
      return await read(async db => {
        const rows = await db.selectFrom('clients').selectAll().execute()
        const secrets = new Map(rows.map(({ id }): [string, SecretRow[]] => [id, []]))
        for (const secret of await db.selectFrom('client_secrets').selectAll().orderBy('position').execute()) secrets.get(secret.client_id)?.push(secret)
        // By their characters, whatever the database sorts by.
        return rows.sort((a, b) => a.id < b.id ? -1 : 1).map(row => clientOf(row, secrets.get(row.id)!))
      })
    },

    async update (id, changes) {
      refuseFaults('update', changeFaults(changes))
      if (!isClientId(id)) throw new ClientUnknownError(id)
      const outcome = await transaction(trx => change(trx, id, changes))
      if (outcome === 'unknown') throw new ClientUnknownError(id)
      refuseFaults('update', outcome.faults)
      return outcome.client
    },

    rotateSecret: (id, rotation = {}) => rotate(id, 'client_secret', 'rotateSecret', rotation),

    rotateApiKey: (id, rotation = {}) => rotate(id, 'api_key', 'rotateApiKey', rotation),

    // Nothing is issued to it afterwards: a token from the near future is one of a process whose clock is ahead.
    disable: id => revoking(id, async trx => {
      const { numUpdatedRows } = await trx.updateTable('clients').where('id', '=', id)
        .set(eb => ({ disabled_at: eb.fn.coalesce('disabled_at', eb.val(timestamp())) })).executeTakeFirstOrThrow()
      return numUpdatedRows > 0n
    }, () => timestamp() + CLOCKS_APART),

    delete: id => revoking(id, async trx => {
      const { numDeletedRows } = await trx.deleteFrom('clients').where('id', '=', id).executeTakeFirstOrThrow()
      return numDeletedRows > 0n
    }, () => timestamp() + CLOCKS_APART),

    async revokeTokens (id, before) {
      if (before !== undefined && (!Number.isSafeInteger(before) || before < 0 || before >= LATEST_TIME)) throw new OptionInvalidError('clients.revokeTokens: before: write a time in whole seconds since the epoch, or leave it out for now.')
      await revoking(id, async trx => await trx.selectFrom('clients').select('id').where('id', '=', id).executeTakeFirst() !== undefined, () => before ?? timestamp() + THIS_SECOND)
    }
  })
}

/** A client as it is shown. */
function clientOf (row: Selectable<Tables['clients']>, secrets: readonly SecretRow[]): Client {
  return { ...registeredClient(row), clientSecrets: statesOf('client_secret', secrets), apiKeys: statesOf('api_key', secrets) }
}

/** A client as it was registered. */
export function registeredClient (row: Selectable<Tables['clients']>): RegisteredClient {
  return {
    id: row.id,
    roles: parseStored(row.roles),
    claims: parseStored(row.claims),
    audiences: row.audiences === null ? [] : parseStored(row.audiences),
    ...(row.registration === null ? DEFAULT_REGISTRATION : parseStored<ClientRegistration>(row.registration)),
    disabled: row.disabled_at !== null,
    createdAt: row.created_at
  }
}

function tokensOf (clientId: string, before: number): Revocation {
  return { kind: 'client', clientId, issuedBefore: before, expiresAt: before + MAX_LIFETIME }
}

/** Changes a client where there is one and nothing is wrong with it then; it gets an API key when it is told to need one and has none that is good. */
async function change (trx: Transaction<Tables>, id: string, changes: ClientChanges): Promise<'unknown' | { readonly faults: readonly ClientFault[], readonly client: UpdatedClient }> {
  if (!await lock(trx, id)) return 'unknown'
  const row = await trx.selectFrom('clients').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
  const secrets = await secretsOf(trx, id)
  const next = changedClient(registeredClient(row), changes)
  const faults = newClientFaults(next)
  if (faults.length > 0) return { faults, client: clientOf(row, secrets) }
  const columns = columnsOf(next)
  const changed = { ...row, ...columns }
  await trx.updateTable('clients').set(columns).where('id', '=', id).execute()
  if (changes.requireApiKey !== true) return { faults, client: clientOf(changed, secrets) }
  // An expired key is none, and stands where the new one is to stand.
  await purgeExpired(trx, id)
  const good = await secretsOf(trx, id)
  if (good.some(({ kind }) => kind === 'api_key')) return { faults, client: clientOf(changed, good) }
  const apiKey = generateSecret('api_key')
  const secret = secretRow(id, 'api_key', apiKey)
  await trx.insertInto('client_secrets').values(secret).execute()
  return { faults, client: { ...clientOf(changed, [...good, secret]), apiKey } }
}

async function secretsOf (db: Kysely<Tables>, id: string): Promise<SecretRow[]> {
  return await db.selectFrom('client_secrets').selectAll().where('client_id', '=', id).orderBy('position').execute()
}

/** An update that changes nothing: it locks the client's row on every database, so that changes go one after the other. */
async function lock (trx: Transaction<Tables>, id: string): Promise<boolean> {
  const { numUpdatedRows } = await trx.updateTable('clients').set(eb => ({ id: eb.ref('id') })).where('id', '=', id).executeTakeFirstOrThrow()
  return numUpdatedRows > 0n
}
