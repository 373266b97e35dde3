import t from 'tap'
import policy from '../../example-app/policy.json' with { type: 'json' }
import { runKeyhole } from './keyhole-process.js'

t.test('keyhole report --field banking.iban, as a process → exactly the roles of policy.json that read or write it', async t => {
  const { rows } = JSON.parse(await runKeyhole(t, ['report', 'example-app/app.ts', '--field', 'banking.iban', '--json']))
  const rolesWith = (member: 'reads' | 'writes') => {
    const scopes = Object.entries<{ reads?: string[], writes?: string[] }>(policy.scopes).filter(([, scope]) => scope[member]?.includes('banking_claims')).map(([name]) => name)
    return Object.entries(policy.roles).filter(([, held]) => held.some(scope => scopes.includes(scope))).map(([name]) => name)
  }
  t.strictSame(rows.filter(({ mask }: { mask: string }) => mask === '').map(({ route, part, field, roles }: Record<string, unknown>) => [route, part, field, roles]), [
    ['GET /customers', 'response', 'items.*.banking.iban', rolesWith('reads')],
    ['GET /customers/:id', 'response', 'banking.iban', rolesWith('reads')],
    ['PATCH /customers/:id', 'response', 'banking.iban', rolesWith('reads')],
    ['PATCH /customers/:id', 'body', 'banking.iban', rolesWith('writes')]
  ])
})
