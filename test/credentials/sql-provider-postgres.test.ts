import { PostgresDialect } from 'kysely'
import pg from 'pg'
import t from 'tap'
import { credentialProviderContract } from 'fastify-keyhole/testing'
import { postgresServer } from '../postgres/server.js'
import { companyTables } from './company-table.js'
import { sqlSubject } from './sql-subject.js'

const server = await postgresServer(t)

t.test('a table of a company in PostgreSQL → the contract', async t => {
  await credentialProviderContract(t, async t => {
    const pool = new pg.Pool({ connectionString: await server.database() })
    return await sqlSubject(await companyTables({ after: work => t.after(work) }, new PostgresDialect({ pool })))
  })
})

t.test('B55 PostgreSQL is gone → unavailable; it comes back → the principal', async t => {
  const pool = new pg.Pool({ connectionString: await server.database() })
  // The pool tells of connections that were cut.
  pool.on('error', () => {})
  const { provider, client: { credentials, principal } } = await sqlSubject(await companyTables({ after: work => t.teardown(work) }, new PostgresDialect({ pool })))
  const ask = async () => await provider.verify(credentials, { issuer: 'https://auth.example.com', signal: new AbortController().signal })
  t.match(await ask(), principal)
  await server.stop()
  await t.rejects(ask(), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
  await server.start()
  t.match(await ask(), principal)
})
