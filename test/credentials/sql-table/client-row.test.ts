import t from 'tap'
import { clientOf } from '../../../lib/credentials/sql-table/client-row.js'

const NOW = 1_800_000_000
const row = (changes: object = {}) => ({ id: 'crm', secretHash: 'h1', apiKeyHash: 'k1', roles: 'manager', disabled: null, expiresAt: null, ...changes })

t.test('a row → the client; several → its hashes, newest first, and all its roles', async t => {
  t.strictSame(clientOf('crm', [row()], NOW), { secretHashes: ['h1'], apiKeyHashes: ['k1'], roles: ['manager'], disabled: false })
  const rows = [row({ roles: ['manager'] }), row({ secretHash: 'h2', roles: ['editor', 'manager'] }), row({ secretHash: 'h3' }), row({ id: 'other', secretHash: 'h4', roles: 'admin', disabled: true })]
  t.strictSame(clientOf('crm', rows, NOW), { secretHashes: ['h1', 'h2'], apiKeyHashes: ['k1'], roles: ['manager', 'editor'], disabled: false })
  t.strictSame(clientOf('crm', [row({ secretHash: ['h1', 'h2'], apiKeyHash: undefined })], NOW), { secretHashes: ['h1', 'h2'], apiKeyHashes: [], roles: ['manager'], disabled: false })
})

t.test('roles → a list, its JSON, or words', async t => {
  for (const roles of [['a', 'b'], '["a","b"]', 'a b', ' a  b ']) t.strictSame(clientOf('crm', [row({ roles })], NOW)?.roles, ['a', 'b'])
  for (const roles of [null, undefined, '', '[]', []]) t.strictSame(clientOf('crm', [row({ roles })], NOW)?.roles, [])
})

t.test('no row of this very id → no client, however the database compares', async t => {
  for (const rows of [[], [row({ id: 'CRM' })], [row({ id: 'crm ' })]]) t.equal(clientOf('crm', rows, NOW), null)
})

t.test('B52 a row that has expired → its hashes do not count, its roles do', async t => {
  for (const expiresAt of [NOW, NOW - 1, 0, -1, new Date(NOW * 1000)]) t.match(clientOf('crm', [row({ expiresAt })], NOW), { secretHashes: [], apiKeyHashes: [], roles: ['manager'] })
  for (const expiresAt of [NOW + 1, NOW + 0.5, new Date((NOW + 1) * 1000), undefined]) t.match(clientOf('crm', [row({ expiresAt })], NOW), { secretHashes: ['h1'] })
  t.match(clientOf('crm', [row({ expiresAt: NOW }), row({ secretHash: 'h2' })], NOW), { secretHashes: ['h2'] }, 'B47')
})

t.test('disabled → whatever is not null, false, 0 or an empty text', async t => {
  for (const disabled of [null, undefined, false, 0, 0n, '']) t.equal(clientOf('crm', [row({ disabled })], NOW)?.disabled, false)
  for (const disabled of [true, 1, 1n, 'f', '0', new Date(0), {}]) t.equal(clientOf('crm', [row(), row({ disabled })], NOW)?.disabled, true)
})

t.test('B56 rows that cannot be right → refused, and not quoted', async t => {
  const wrong: unknown[] = [
    undefined, null, {}, 'crm', [null], [1], [{}], [row({ id: 1 })], [row({ secretHash: 1 })], [row({ secretHash: '' })], [row({ secretHash: ['h1', null] })], [row({ apiKeyHash: {} })],
    [row({ roles: 1 })], [row({ roles: [1] })], [row({ roles: '[broken' })], [row({ roles: '{"a":1}', id: 'crm' })].map(one => ({ ...one, roles: '[1]' })),
    [row({ expiresAt: '2027-01-01' })], [row({ expiresAt: NOW * 1000 })], [row({ expiresAt: new Date(NaN) })], [row({ expiresAt: NaN })], [row(), null]
  ]
  for (const rows of wrong) t.throws(() => clientOf('crm', rows, NOW), { name: 'TypeError', message: /^(the query|a row of the query|(secretHash|apiKeyHash|roles|expiresAt) of) / })
})
