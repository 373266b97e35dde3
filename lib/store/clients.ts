import type { Kysely, Selectable, Transaction } from 'kysely'
import { MAX_LIFETIME } from '../access-token/profile.js'
import type { Revocation } from '../access-token/revocation.js'
import type { ClientRegistration } from '../credentials/registration.js'
import { generateSecret, hashSecret, type SecretKind } from '../credentials/secret.js'
import { ClientExistsError, ClientUnknownError, OptionInvalidError } from '../errors.js'
import { checkNewClient } from './new-client.js'
import { DEFAULT_REGISTRATION, registrationOf } from './registration.js'
import { insertRevocation } from './revocations.js'
import type { Client, Clients, ClientWithCredentials, CreatedClient, NewClient, NewClientWithSecret } from './store.js'
import { parseStored, timestamp, type Query, type Tables } from './tables.js'

/** The store's clients, without any hash. */
export function clients (query: Query): Clients {
  const orUnknown = (id: string, found: boolean) => { if (!found) throw new ClientUnknownError(id) }

  async function create (client: NewClientWithSecret): Promise<ClientWithCredentials>
  async function create (client: NewClient): Promise<CreatedClient>
  async function create (client: NewClient): Promise<CreatedClient> {
    checkNewClient(client)
    const { id, roles, claims = {}, audiences } = client
    const registration = registrationOf(client)
    const clientSecret = registration.authMethod === 'client_secret' ? client.clientSecret ?? generateSecret('client_secret') : undefined
    const apiKey = registration.requireApiKey ? client.apiKey ?? generateSecret('api_key') : undefined
    const row = {
      id,
      roles: JSON.stringify(roles),
      claims: JSON.stringify(claims),
      audiences: audiences === undefined ? null : JSON.stringify(audiences),
      registration: JSON.stringify(registration),
      created_at: timestamp(),
      disabled_at: null
    }

    const created = await query(db => db.transaction().execute(async trx => {
      const { numInsertedOrUpdatedRows } = await trx.insertInto('clients').values(row)
        .onConflict(conflict => conflict.column('id').doNothing()).executeTakeFirstOrThrow()
      if (numInsertedOrUpdatedRows === 0n) return false
      if (clientSecret !== undefined) await insertCurrent(trx, id, 'client_secret', clientSecret)
      if (apiKey !== undefined) await insertCurrent(trx, id, 'api_key', apiKey)
      return true
    }))
    if (!created) throw new ClientExistsError(id)
    return { ...clientOf(row), ...(clientSecret !== undefined && { clientSecret }), ...(apiKey !== undefined && { apiKey }) }
  }

  async function rotate (id: string, kind: SecretKind, method: string): Promise<string> {
    const secret = generateSecret(kind)
    const outcome = await query(db => db.transaction().execute(trx => replaceCurrent(trx, id, kind, secret)))
    orUnknown(id, outcome !== 'unknown')
    if (outcome === 'none') throw new OptionInvalidError(`clients.${method}: the client '${id}' has none: it was registered to prove itself without.`)
    return secret
  }

  return Object.freeze<Clients>({
    create,

    async get (id) {
      return await query(async db => {
        const row = await db.selectFrom('clients').selectAll().where('id', '=', id).executeTakeFirst()
        return row === undefined ? null : clientOf(row)
      })
    },

    async list () {
      return await query(async db => (await db.selectFrom('clients').selectAll().orderBy('id').execute()).map(clientOf))
    },

    rotateSecret: id => rotate(id, 'client_secret', 'rotateSecret'),

    rotateApiKey: id => rotate(id, 'api_key', 'rotateApiKey'),

    async disable (id) {
      orUnknown(id, await query(db => db.transaction().execute(async trx => {
        const { numUpdatedRows } = await trx.updateTable('clients').where('id', '=', id)
          .set(eb => ({ disabled_at: eb.fn.coalesce('disabled_at', eb.val(timestamp())) })).executeTakeFirstOrThrow()
        if (numUpdatedRows > 0n) await insertRevocation(trx, tokensOf(id))
        return numUpdatedRows > 0n
      })))
    },

    async delete (id) {
      orUnknown(id, await query(db => db.transaction().execute(async trx => {
        const { numDeletedRows } = await trx.deleteFrom('clients').where('id', '=', id).executeTakeFirstOrThrow()
        if (numDeletedRows > 0n) await insertRevocation(trx, tokensOf(id))
        return numDeletedRows > 0n
      })))
    },

    async revokeTokens (id, before) {
      if (before !== undefined && (!Number.isSafeInteger(before) || before < 0)) throw new OptionInvalidError('clients.revokeTokens: before: write a time in whole seconds since the epoch, or leave it out for now.')
      orUnknown(id, await query(db => db.transaction().execute(async trx => {
        const known = await trx.selectFrom('clients').select('id').where('id', '=', id).executeTakeFirst()
        if (known !== undefined) await insertRevocation(trx, tokensOf(id, before))
        return known !== undefined
      })))
    }
  })
}

/** A client's row without its secrets. */
export function clientOf (row: Selectable<Tables['clients']>): Client {
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

/** A token issued within this second may have been issued before now. */
function tokensOf (clientId: string, before = timestamp() + 1): Revocation {
  return { kind: 'client', clientId, issuedBefore: before, expiresAt: before + MAX_LIFETIME }
}

/** The current secret becomes the one before, and the one before that is gone: where there are the client and its secret. */
async function replaceCurrent (trx: Transaction<Tables>, id: string, kind: SecretKind, secret: string): Promise<'replaced' | 'unknown' | 'none'> {
  // An update that changes nothing: it locks the client's row on every database, so rotations go one after the other.
  const { numUpdatedRows } = await trx.updateTable('clients').set(eb => ({ id: eb.ref('id') })).where('id', '=', id).executeTakeFirstOrThrow()
  if (numUpdatedRows === 0n) return 'unknown'

  const ofKind = (position: number) => ({ client_id: id, kind, position })
  await trx.deleteFrom('client_secrets').where(eb => eb.and(ofKind(2))).execute()
  const { numUpdatedRows: current } = await trx.updateTable('client_secrets').set({ position: 2 }).where(eb => eb.and(ofKind(1))).executeTakeFirstOrThrow()
  if (current === 0n) return 'none'
  await insertCurrent(trx, id, kind, secret)
  return 'replaced'
}

async function insertCurrent (db: Kysely<Tables>, id: string, kind: SecretKind, secret: string): Promise<void> {
  await db.insertInto('client_secrets')
    .values({ client_id: id, kind, position: 1, hash: hashSecret(secret), created_at: timestamp() }).execute()
}
