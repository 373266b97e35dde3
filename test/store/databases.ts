import Database from 'libsql'
import pg from 'pg'
import type { Test } from 'tap'
import { postgresServer, type PostgresServer } from '../postgres/server.js'

/** A kind of database, for the suites that run on each. */
export interface TestDatabase {
  readonly kind: 'sqlite' | 'postgres'
  /** The URL of a new store. */
  url (t: Test): Promise<string>
  /** A connection beside the store's. */
  sql (t: Test, url: string): Promise<Sql>
}

export interface Sql {
  run (text: string): Promise<void>
  rows (text: string): Promise<Record<string, unknown>[]>
  /** Lets every such change of a table fail, until what this gives is called. */
  fault (event: 'insert' | 'update', table: string, when: string, message: string): Promise<() => Promise<void>>
}

export const sqlite: TestDatabase = {
  kind: 'sqlite',

  url: async t => `sqlite:${t.testdir()}/keyhole.db`,

  async sql (t, url) {
    const database = new Database(url.replace('sqlite:', ''))
    t.teardown(() => database.close())
    const run = async (text: string) => { database.exec(text) }
    return {
      run,
      rows: async text => database.prepare(text).all() as Record<string, unknown>[],
      async fault (event, table, when, message) {
        await run(`create trigger fault before ${event} on ${table} when ${when} begin select raise(abort, '${message}'); end`)
        return async () => await run('drop trigger fault')
      }
    }
  }
}

/** A server for all the suites of a test file. */
export async function postgres (t: Test): Promise<TestDatabase & { readonly server: PostgresServer }> {
  const server = await postgresServer(t)
  return {
    server,

    kind: 'postgres',

    url: () => server.database(),

    async sql (t, url) {
      const client = new pg.Client({ connectionString: url, options: '-c search_path=keyhole' })
      await client.connect()
      t.teardown(() => client.end())
      const run = async (text: string) => { await client.query(text) }
      return {
        run,
        rows: async text => (await client.query(text)).rows,
        async fault (event, table, when, message) {
          await run(`create function fault() returns trigger language plpgsql as $$ begin raise exception '${message}'; end $$;
            create trigger fault before ${event} on ${table} for each row when (${when}) execute function fault()`)
          return async () => await run(`drop trigger fault on ${table}; drop function fault`)
        }
      }
    }
  }
}
