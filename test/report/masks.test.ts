import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import t from 'tap'
import type { PolicyDocument } from '../../lib/policy/document.js'
import { createPolicy } from '../../lib/policy/policy.js'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import { explain } from '../../lib/report/explain.js'
import { factsOf } from '../../lib/report/facts.js'
import { policyDiff } from '../../lib/report/policy-diff.js'
import { report } from '../../lib/report/report.js'
import resourceGuard from '../../plugins/resource-guard.js'
import { GUARD } from '../plugins/resource-guard-app.js'

const POLICY: PolicyDocument = {
  claimSets: { banking_claims: {}, support_claims: {}, risk_claims: {} },
  scopes: { banking: { reads: ['banking_claims'] }, support: { reads: ['support_claims'] }, risk: { reads: ['risk_claims'] } },
  roles: { admin: ['banking', 'support'], helper: ['support'], analyst: ['risk', 'support'], clerk: [] }
}

const app = Fastify()
app.register(async api => {
  await api.register(resourceGuard, { ...GUARD, policy: POLICY })
  const iban = claimSet('banking_claims', Type.String(), { mask: { initials: 'risk_claims', last4: 'support_claims' } })
  api.get('/a', { schema: { response: { 200: Type.Object({ id: claimSet(ANY_TOKEN, Type.String()), iban }) } } }, async () => null)
})
t.teardown(() => app.close())
await app.ready()
const [route] = factsOf(app.server)[0]!.routes()

t.test('a field with masks → a row for each: who sees it as it is, and who through which mask first', async t => {
  const { rows } = await report(app)
  t.strictSame(rows.filter(({ field }) => field === 'iban').map(({ mask, claimSets, scopes, roles }) => [mask, ...claimSets, ...scopes, ...roles]), [
    ['', 'banking_claims', 'banking', 'admin'],
    ['initials', 'risk_claims', 'risk', 'analyst'],
    ['last4', 'support_claims', 'support', 'helper']
  ])
})

t.test('why a role sees a mask → the scope for that', async t => {
  const of = (role: string) => explain(createPolicy(POLICY).current, role, route!)[1]
  t.match(of('admin'), { released: true, mask: '', why: 'banking reads banking_claims' })
  t.match(of('helper'), { released: true, mask: 'last4', why: 'support reads support_claims' })
  t.match(of('clerk'), { released: false, mask: '', why: 'takes banking, to read banking_claims' })
})

t.test('a mask, another one, or the field itself in place of a mask → a gain; the other way round → a loss, unless it is another mask', async t => {
  const diff = (role: string, before: string[], after: string[]) => {
    const [from, to] = [before, after].map(scopes => createPolicy({ ...POLICY, roles: { [role]: scopes } }).current)
    return policyDiff(from!, to!, [route!]).map(({ change, mask, fields }) => [change, mask, ...fields].join(' '))
  }
  t.strictSame(diff('r', [], ['support']), ['gains last4 iban'])
  t.strictSame(diff('r', ['support'], []), ['loses last4 iban'])
  t.strictSame(diff('r', ['support'], ['support', 'banking']), ['gains  iban'])
  t.strictSame(diff('r', ['banking'], ['support']), ['loses  iban'])
  t.strictSame(diff('r', ['support'], ['risk']), ['gains initials iban'])
  t.strictSame(diff('r', ['risk'], ['support']), ['gains last4 iban'])
  t.strictSame(diff('r', ['risk', 'support'], ['risk']), [])
})
