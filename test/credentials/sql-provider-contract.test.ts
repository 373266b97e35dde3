import t from 'tap'
import { credentialProviderContract } from 'fastify-keyhole/testing'
import { companyTables } from './company-table.js'
import { sqlSubject } from './sql-subject.js'

t.test('a table of a company in SQLite → the contract', async t => {
  await credentialProviderContract(t, async t => await sqlSubject(await companyTables({ after: work => t.after(work) })))
})
