import t from 'tap'
import { asPolicy, createPolicy } from '../../lib/policy/policy.js'
import { policyDocument } from './policy-document.js'

t.test('a good document → a snapshot of a copy', async t => {
  const document = policyDocument()
  const { current } = createPolicy(document)
  document.roles = {}
  t.strictSame(current.document, policyDocument())
  t.notOk(Object.isFrozen(document.scopes))
  t.match(current.version, /^sha256-[A-Za-z0-9_-]{43}$/)
})

t.test('replace → another snapshot from now on, the old one unchanged', async t => {
  const policy = createPolicy(policyDocument())
  const before = policy.current
  const after = policy.replace({ ...policyDocument(), roles: { clerk: ['contact'] } })
  t.equal(policy.current, after)
  t.not(after.version, before.version)
  t.strictSame(after.scopesOfRoles(['manager', 'clerk']), ['contact'])
  t.strictSame(before.scopesOfRoles(['manager', 'clerk']), ['profile', 'contact'])
})

t.test('replace by a bad document → refused, the old one stays', async t => {
  const policy = createPolicy(policyDocument())
  const before = policy.current
  t.throws(() => policy.replace({ ...policyDocument(), roles: { clerk: ['banking'] } }), { code: 'FST_KEYHOLE_POLICY_INVALID' })
  t.equal(policy.current, before)
})

t.test('a bad document → every fault, in the message and as data', async t => {
  const document = { ...policyDocument(), roles: { clerk: ['banking', 'contact'], '': ['none'] } }
  const known = 'profile, profile:write, address:all, contact, nothing'
  t.throws(() => createPolicy(document), {
    code: 'FST_KEYHOLE_POLICY_INVALID',
    statusCode: 500,
    message: 'The policy was refused:\n' +
      `  /roles/clerk/0: unknown scope 'banking'; known: ${known}\n` +
      '  /roles/: a role name is not empty and has no space at its ends\n' +
      `  /roles//0: unknown scope 'none'; known: ${known}`,
    faults: [
      { pointer: '/roles/clerk/0', message: `unknown scope 'banking'; known: ${known}` },
      { pointer: '/roles/', message: 'a role name is not empty and has no space at its ends' },
      { pointer: '/roles//0', message: `unknown scope 'none'; known: ${known}` }
    ]
  })
  t.throws(() => createPolicy(null), { message: 'The policy was refused:\n  (document): expected object; write { claimSets, scopes, roles }' })
})

t.test('a policy → cannot be changed by assignment', async t => {
  const policy = createPolicy(policyDocument())
  t.ok(Object.isFrozen(policy))
  t.throws(() => { (policy as { current: unknown }).current = null }, TypeError)
})

t.test('onReplace → hears of each snapshot in force from then on, until it is ended; not of what is refused', async t => {
  const policy = createPolicy(policyDocument())
  const heard: unknown[] = []
  const listener = (snapshot: unknown) => { heard.push(snapshot) }
  const ends = [policy.onReplace(listener), policy.onReplace(listener)]
  t.throws(() => policy.replace(null))
  const first = policy.replace({ ...policyDocument(), roles: {} })
  t.strictSame(heard, [first, first])
  ends[0]!()
  const second = policy.replace(policyDocument())
  t.equal(heard.at(-1), second)
  t.equal(heard.length, 3)
  ends[1]!()
  policy.replace(policyDocument())
  t.equal(heard.length, 3)
})

t.test('asPolicy', async t => {
  const policy = createPolicy(policyDocument())
  t.equal(asPolicy(policy), policy)
  t.equal(asPolicy(policyDocument()).current.version, policy.current.version)
  t.throws(() => asPolicy(null as never), { code: 'FST_KEYHOLE_POLICY_INVALID' })
  t.throws(() => asPolicy('policy' as never), { code: 'FST_KEYHOLE_POLICY_INVALID' })
  t.throws(() => asPolicy({ replace: true } as never), { code: 'FST_KEYHOLE_POLICY_INVALID' })
})
