import { Kysely, SqliteDialect, type Dialect } from 'kysely'
import Libsql from 'libsql'

/** A table of a company's own, as others have made it. */
export interface CompanyTables {
  api_clients: { id: string, roles: string, disabled_at: number | null }
  api_secrets: { client_id: string, kind: 'secret' | 'key', hash: string, expires_at: number | null, created_at: number }
}

/** Opens a database with these tables, empty. Default: SQLite in memory. */
export async function companyTables ({ after }: { readonly after: (work: () => unknown) => unknown }, dialect: Dialect = inMemory()): Promise<Kysely<CompanyTables>> {
  const db = new Kysely<CompanyTables>({ dialect })
  after(() => db.destroy())
  await db.schema.createTable('api_clients')
    .addColumn('id', 'text', column => column.primaryKey()).addColumn('roles', 'text', column => column.notNull()).addColumn('disabled_at', 'integer')
    .execute()
  await db.schema.createTable('api_secrets')
    .addColumn('client_id', 'text', column => column.notNull()).addColumn('kind', 'text', column => column.notNull())
    .addColumn('hash', 'text', column => column.notNull()).addColumn('expires_at', 'integer').addColumn('created_at', 'integer', column => column.notNull())
    .execute()
  return db
}

/** All that is known of a client, newest secrets first. */
export function findClient (clientId: string, db: Kysely<CompanyTables>) {
  return db.selectFrom('api_clients as client').leftJoin('api_secrets as secret', 'secret.client_id', 'client.id')
    .select(({ eb, ref }) => [
      'client.id', 'client.roles', 'client.disabled_at as disabled', 'secret.expires_at as expiresAt',
      eb.case().when(ref('secret.kind'), '=', 'secret').then(ref('secret.hash')).end().as('secretHash'),
      eb.case().when(ref('secret.kind'), '=', 'key').then(ref('secret.hash')).end().as('apiKeyHash')
    ])
    .where('client.id', '=', clientId).orderBy('secret.created_at', 'desc')
}

function inMemory (): Dialect {
  return new SqliteDialect({ database: new Libsql(':memory:') as never })
}
