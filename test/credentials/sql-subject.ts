import { hash as bcrypt } from '@node-rs/bcrypt'
import type { Kysely } from 'kysely'
import type { ProviderSubject } from 'fastify-keyhole/testing'
import { sqlCredentialProvider } from '../../lib/credentials/sql-provider.js'
import type { SqlClientRow } from '../../lib/credentials/sql-table/client-row.js'
import { findClient, type CompanyTables } from './company-table.js'

/** The SQL provider for the contract, on the tables of a company, which are filled. */
export async function sqlSubject (db: Kysely<CompanyTables>): Promise<ProviderSubject> {
  let waiting: Promise<void> | undefined
  let rows: unknown
  const provider = sqlCredentialProvider({
    db,
    query: async (clientId, db) => {
      await waiting
      return rows as SqlClientRow[] | undefined ?? await findClient(clientId, db).execute()
    },
    apiKeys: 'query'
  })
  const secrets = async (clientId: string, secret: string, { expires = null as number | null, made = 1 } = {}) => {
    await db.insertInto('api_secrets').values([
      { client_id: clientId, kind: 'secret', hash: await bcrypt(secret, 4), expires_at: expires, created_at: made },
      { client_id: clientId, kind: 'key', hash: await bcrypt(`key of ${clientId}`, 4), expires_at: null, created_at: made }
    ]).execute()
    return { clientId, clientSecret: secret, apiKey: `key of ${clientId}` }
  }
  const client = async (id: string, disabled: number | null = null) => {
    await db.insertInto('api_clients').values({ id, roles: `${id}-role`, disabled_at: disabled }).execute()
    return { id, principal: { clientId: id, roles: [`${id}-role`] } }
  }
  const crm = await client('crm')
  const cms = await client('cms')
  for (const id of ['late', 'turning']) await client(id)
  await client('off', 1)
  const right = await secrets('crm', 'secret of crm')
  // From here on nobody takes the work of a cheap hash, too.
  await provider.verify(right, { issuer: 'https://auth.example.com', signal: new AbortController().signal })
  return {
    provider,
    client: { credentials: right, principal: crm.principal },
    other: { credentials: await secrets('cms', 'secret of cms'), principal: cms.principal },
    disabled: await secrets('off', 'secret of off'),
    expired: await secrets('late', 'secret of late', { expires: 1 }),
    rotating: [await secrets('turning', 'secret before', { made: 1 }), await secrets('turning', 'secret of now', { made: 2 })],
    fails: () => db.schema.dropTable('api_clients').execute(),
    waits () {
      let goOn = () => {}
      waiting = new Promise(resolve => { goOn = resolve })
      return goOn
    },
    malformed: {
      'no rows': () => { rows = {} },
      'a row without an id': () => { rows = [{ secretHash: null }] },
      'a secret that was never hashed': () => { rows = [{ id: 'crm', secretHash: 'secret of crm', apiKeyHash: null, roles: 'crm-role' }] },
      'a hash that costs too much': () => { rows = [{ id: 'crm', secretHash: '$2b$31$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC' }] },
      'roles that are broken': () => { rows = [{ id: 'crm', roles: '[' }] }
    },
    logged: { without: 'it logs nothing but that an upgrade failed' }
  }
}
