import type { ColumnDefinitionBuilder, Kysely, Migration } from 'kysely'
import type { DatabaseKind } from './database.js'
import { parseStored, timestamp } from './tables.js'

/** A migration that knows which database it works on. */
interface StoreMigration {
  up (db: Kysely<any>, kind: DatabaseKind): Promise<void>
}

/** The migrations for one kind of database, as Kysely takes them. */
export function migrationsFor (kind: DatabaseKind): Record<string, Migration> {
  return Object.fromEntries(Object.entries(MIGRATIONS).map(([name, { up }]) => [name, { up: db => up(db, kind) }]))
}

/** By name, in the order in which they run. What a released one makes is never changed: add the next. */
export const MIGRATIONS: Readonly<Record<string, StoreMigration>> = {
  '0001-clients-keys-policies': {
    async up (db: Kysely<any>) {
      const { sql } = await import('kysely')
      await db.schema.createTable('clients')
        .addColumn('id', 'text', column => column.notNull().primaryKey())
        .addColumn('roles', 'text', column => column.notNull())
        .addColumn('claims', 'text', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addColumn('disabled_at', 'bigint')
        .execute()
      await db.schema.createTable('client_secrets')
        .addColumn('client_id', 'text', column => column.notNull().references('clients.id').onDelete('cascade'))
        .addColumn('kind', 'text', column => column.notNull())
        .addColumn('position', 'integer', column => column.notNull())
        .addColumn('hash', 'text', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addPrimaryKeyConstraint('client_secrets_pk', ['client_id', 'kind', 'position'])
        .addCheckConstraint('client_secrets_two_at_most', sql`position in (1, 2)`)
        .execute()
      await db.schema.createTable('signing_keys')
        .addColumn('generation', 'integer', column => column.notNull().primaryKey())
        .addColumn('kid', 'text', column => column.notNull().unique())
        .addColumn('alg', 'text', column => column.notNull())
        .addColumn('private_jwk', 'text', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .execute()
      await db.schema.createTable('policies')
        .addColumn('version', 'text', column => column.notNull().primaryKey())
        .addColumn('document', 'text', column => column.notNull())
        .addColumn('sequence', 'integer', column => column.notNull().unique())
        .addColumn('published_at', 'bigint', column => column.notNull())
        .execute()
    }
  },
  '0002-revocations': {
    async up (db: Kysely<any>, kind) {
      await db.schema.alterTable('clients').addColumn('audiences', 'text').execute()
      await db.schema.createTable('revocations')
        .addColumn('position', 'integer', column => numbered(column.notNull().primaryKey(), kind))
        .addColumn('kind', 'text', column => column.notNull())
        .addColumn('name', 'text', column => column.notNull())
        .addColumn('issued_before', 'bigint', column => column.notNull())
        .addColumn('expires_at', 'bigint', column => column.notNull())
        .addUniqueConstraint('revocations_once', ['kind', 'name', 'issued_before'])
        .execute()
    }
  },
  '0003-replays': {
    async up (db: Kysely<any>) {
      await db.schema.createTable('replays')
        .addColumn('kind', 'text', column => column.notNull())
        .addColumn('id_hash', 'text', column => column.notNull())
        .addColumn('expires_at', 'bigint', column => column.notNull())
        .addPrimaryKeyConstraint('replays_pk', ['kind', 'id_hash'])
        .execute()
      await db.schema.createIndex('replays_by_expiry').on('replays').column('expires_at').execute()
    }
  },
  '0004-client-registration': {
    async up (db: Kysely<any>) {
      await db.schema.alterTable('clients').addColumn('registration', 'text').execute()
    }
  },
  '0005-signing-key-lifecycle': {
    async up (db: Kysely<any>) {
      const rows = await db.selectFrom('signing_keys').selectAll().orderBy('generation', 'desc').execute()
      await db.schema.dropTable('signing_keys').execute()
      await db.schema.createTable('signing_keys')
        .addColumn('generation', 'integer', column => column.notNull().primaryKey())
        .addColumn('kid', 'text', column => column.notNull().unique())
        .addColumn('alg', 'text', column => column.notNull())
        .addColumn('state', 'text', column => column.notNull())
        .addColumn('public_jwk', 'text', column => column.notNull())
        .addColumn('sealing', 'text')
        .addColumn('private_jwk', 'text')
        .addColumn('created_at', 'bigint', column => column.notNull())
        .addColumn('signs_from', 'bigint', column => column.notNull())
        .addColumn('retired_at', 'bigint')
        .execute()
      await db.schema.createIndex('signing_keys_one_active_one_next').unique()
        .on('signing_keys').column('state').where('state', '!=', 'retired').execute()
      for (const [age, { private_jwk: privateJwk, ...row }] of rows.entries()) {
        const { d, ...publicJwk } = parseStored<Record<string, unknown>>(privateJwk)
        const lifecycle = age === 0
          ? { state: 'active', sealing: 'none', private_jwk: privateJwk, retired_at: null }
          : { state: 'retired', sealing: null, private_jwk: null, retired_at: timestamp() }
        await db.insertInto('signing_keys').values({ ...row, ...lifecycle, public_jwk: JSON.stringify(publicJwk), signs_from: row.created_at }).execute()
      }
    }
  },
  '0006-nonce-keys': {
    async up (db: Kysely<any>) {
      await db.schema.createTable('nonce_keys')
        .addColumn('position', 'integer', column => column.notNull().primaryKey())
        .addColumn('secret', 'text', column => column.notNull())
        .addColumn('created_at', 'bigint', column => column.notNull())
        .execute()
    }
  },
  '0007-secret-lifetimes': {
    async up (db: Kysely<any>) {
      await db.schema.alterTable('client_secrets').addColumn('expires_at', 'bigint').execute()
      await db.schema.alterTable('client_secrets').addColumn('last_used_at', 'bigint').execute()
      await db.schema.createIndex('client_secrets_by_expiry').on('client_secrets').column('expires_at').execute()
      await db.schema.alterTable('replays').addColumn('used_by', 'text').execute()
    }
  }
}

/** Numbered by the database, in the order of insertion. */
function numbered (column: ColumnDefinitionBuilder, kind: DatabaseKind): ColumnDefinitionBuilder {
  return kind === 'sqlite' ? column.autoIncrement() : column.generatedByDefaultAsIdentity()
}
