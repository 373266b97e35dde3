import { workDuring } from './count-work.js'
import { randomBytes, scryptSync } from 'node:crypto'
import t from 'tap'
import type { ClientCredentials } from '../../lib/credentials/provider.js'
import { sqlCredentialProvider } from '../../lib/credentials/sql-provider.js'
import type { SqlClientRow } from '../../lib/credentials/sql-table/client-row.js'
import { writePhc } from '../../lib/credentials/password-hash/phc.js'

/** Whether the work for an answer tells which clients there are and what of their credentials is right. */

function hashOf (secret: string): string {
  const salt = randomBytes(16)
  return writePhc({ id: 'scrypt', parameters: { ln: 4, r: 8, p: 1 }, salt, hash: scryptSync(secret, salt, 32, { N: 16, r: 8, p: 1 }) })
}

const ROUND = 'scrypt of N=16, r=8, p=1'

t.test('B41 B45 B50 whatever is right or wrong, before and after a client with two secrets was seen → the same hashes', async t => {
  const rows: Readonly<Record<string, SqlClientRow>> = {
    crm: { id: 'crm', secretHash: hashOf('right secret'), apiKeyHash: hashOf('right key'), roles: 'manager' },
    off: { id: 'off', secretHash: hashOf('right secret'), apiKeyHash: hashOf('right key'), disabled: true },
    bare: { id: 'bare' },
    turning: { id: 'turning', secretHash: [hashOf('right secret'), hashOf('secret before')], apiKeyHash: [hashOf('right key'), hashOf('key before')], roles: 'manager' }
  }
  const provider = sqlCredentialProvider({ db: {}, query: async clientId => [rows[clientId] ?? []].flat(), apiKeys: 'query' })
  const right: ClientCredentials = { clientId: 'crm', clientSecret: 'right secret', apiKey: 'right key' }
  const verify = async (changed: Partial<ClientCredentials>) =>
    await provider.verify({ ...right, ...changed }, { issuer: 'https://auth.example.com', signal: new AbortController().signal })

  const cases: Readonly<Record<string, Partial<ClientCredentials>>> = {
    'all right': {},
    'right secret, wrong API key': { apiKey: 'wrong' },
    'right secret, no API key': { apiKey: undefined },
    'wrong secret, right API key': { clientSecret: 'wrong' },
    'a secret that nobody can have, right API key': { clientSecret: 'right secret\0' },
    'both wrong': { clientSecret: 'wrong', apiKey: 'wrong' },
    'an unknown client': { clientId: 'nobody' },
    'an id that nobody can have': { clientId: 'crm\0' },
    'a disabled client': { clientId: 'off' },
    'a client without secrets': { clientId: 'bare' }
  }
  const allTake = async (rounds: number, more: typeof cases = {}) => {
    for (const [what, changed] of Object.entries({ ...cases, ...more })) {
      t.strictSame(await workDuring(() => verify(changed)), Array.from({ length: rounds }, () => ROUND), `${what}: ${rounds}`)
    }
  }
  await allTake(2)
  t.equal(await verify({ clientId: 'turning', clientSecret: 'wrong' }), null)
  const turning = { clientId: 'turning' }
  await allTake(4, {
    'the new secret and key': turning,
    'the secret and key before': { ...turning, clientSecret: 'secret before', apiKey: 'key before' },
    'the secret before, wrong API key': { ...turning, clientSecret: 'secret before', apiKey: 'wrong' },
    'wrong secret, the API key before': { ...turning, clientSecret: 'wrong', apiKey: 'key before' }
  })
  t.match(await verify({ clientId: 'turning', clientSecret: 'secret before', apiKey: 'key before' }), { clientId: 'turning' })
})
