import t from 'tap'
import { jsonPointer, policyFaults } from '../../lib/policy/validate.js'
import { policyDocument } from './policy-document.js'

type Changes = Partial<Record<'claimSets' | 'scopes' | 'roles', unknown>>

const faults = (changes: Changes) => policyFaults({ ...policyDocument(), ...changes }).map(({ pointer, message }) => `${pointer}: ${message}`)

t.test('a good document → none', async t => {
  t.strictSame(policyFaults(policyDocument()), [])
})

t.test('shape', t => {
  const cases: [string, unknown, string[]][] = [
    ['null', null, [': expected object; write { claimSets, scopes, roles }']],
    ['a text', 'policy', [': expected object; write { claimSets, scopes, roles }']],
    ['a list', [], [': expected object; write { claimSets, scopes, roles }']],
    ['an empty object', {}, [
      '/claimSets: expected required property; write one claim set or more, by name',
      '/scopes: expected required property; write one scope or more, by name',
      '/roles: expected required property; write roles by name'
    ]],
    ['an unknown member', { ...policyDocument(), users: {} }, ['/users: unexpected property; write { claimSets, scopes, roles }']],
    ['no claim set', { ...policyDocument(), claimSets: {} }, ['/claimSets: expected object to have at least 1 properties; write one claim set or more, by name']],
    ['no scope', { ...policyDocument(), scopes: {} }, ['/scopes: expected object to have at least 1 properties; write one scope or more, by name']],
    ['a claim set that is a text', { ...policyDocument(), claimSets: { a: 'x' } }, ['/claimSets/a: expected object; write { purpose?, owner? }']],
    ['an empty purpose', { ...policyDocument(), claimSets: { a: { purpose: '', owner: '' } } }, [
      '/claimSets/a/purpose: expected string length greater or equal to 1; write what it is for, or leave it out',
      '/claimSets/a/owner: expected string length greater or equal to 1; write who answers for it, or leave it out'
    ]],
    ['an unknown member of a claim set', { ...policyDocument(), claimSets: { a: { reads: [] } } }, ['/claimSets/a/reads: unexpected property; write { purpose?, owner? }']],
    ['an unknown member of a scope', { ...policyDocument(), scopes: { a: { read: [] } } }, ['/scopes/a/read: unexpected property; write { reads?, writes? }']],
    ['reads as a text', { ...policyDocument(), scopes: { a: { reads: 'profile_claims' } } }, ['/scopes/a/reads: expected array; write a list of claim sets, each once']],
    ['a number among names', { ...policyDocument(), roles: { a: [1] } }, ['/roles/a/0: expected string; write a name']],
    ['a name twice', { ...policyDocument(), roles: { a: ['profile', 'profile'] } }, ['/roles/a: expected array elements to be unique; write a list of scopes, each once']]
  ]
  for (const [what, document, expected] of cases) {
    t.test(`${what} → refused, by its pointer`, async t => {
      t.strictSame(policyFaults(document).map(({ pointer, message }) => `${pointer}: ${message}`), expected)
    })
  }

  t.test('shape and meaning at fault → the shape alone', async t => {
    t.strictSame(faults({ claimSets: { 1: 'x' }, roles: { a: ['unknown'] } }), ['/claimSets/1: expected object; write { purpose?, owner? }'])
  })
  t.end()
})

t.test('names of claim sets', t => {
  const named = (name: string) => faults({ claimSets: { ...policyDocument().claimSets, [name]: {} } })
  for (const name of ['a', 'Z', 'a1_', 'profile_claims_2']) t.test(`${name} → good`, async t => { t.strictSame(named(name), []) })
  for (const name of ['', '1a', '_a', 'a-b', 'a b', 'a.b', '*', 'é', 'a\n']) {
    t.test(`${JSON.stringify(name)} → refused`, async t => {
      t.strictSame(named(name), [`${jsonPointer(['claimSets', name])}: a claim set name has letters, digits and _, a letter first`])
    })
  }
  for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
    t.test(`${name} → refused`, async t => {
      t.strictSame(named(name), [`/claimSets/${name}: '${name}' is a member of every JavaScript object; choose another name`])
    })
  }
  t.end()
})

t.test('names of scopes', t => {
  const named = (name: string) => faults({ scopes: { ...policyDocument().scopes, [name]: {} } })
  for (const name of ['a', '!', '#', '[', ']', '~', 'profile:write', 'https://api.example.com/read', '1', '*']) t.test(`${name} → good`, async t => { t.strictSame(named(name), []) })
  for (const name of ['', ' ', 'a b', 'a"', 'a\\', '\u007f', 'é', 'a\n', '\u001f']) {
    t.test(`${JSON.stringify(name)} → refused`, async t => {
      t.strictSame(named(name), [`/scopes/${name}: not a scope token: printable ASCII without space, " and \\ (RFC 6749 3.3)`])
    })
  }
  t.end()
})

t.test('names of roles', t => {
  const named = (name: string) => faults({ roles: { [name]: [] } })
  for (const name of ['a', 'key account manager', 'Führung', '1']) t.test(`${name} → good`, async t => { t.strictSame(named(name), []) })
  for (const name of ['', ' a', 'a ', '\ta', 'a\n']) {
    t.test(`${JSON.stringify(name)} → refused`, async t => {
      t.strictSame(named(name), [`/roles/${name}: a role name is not empty and has no space at its ends`])
    })
  }
  t.end()
})

t.test('unknown names → every one, with those that are known', async t => {
  t.strictSame(faults({
    scopes: { profile: { reads: ['profile_claims', 'profil_claims'], writes: ['toString'] }, 'a/b~': { writes: ['x', 'contact_claims'] } },
    roles: { manager: ['profile', 'profil'], 'x/y': ['constructor'] }
  }), [
    "/scopes/profile/reads/1: unknown claim set 'profil_claims'; known: profile_claims, contact_claims, address_claims",
    "/scopes/profile/writes/0: unknown claim set 'toString'; known: profile_claims, contact_claims, address_claims",
    "/scopes/a~1b~0/writes/0: unknown claim set 'x'; known: profile_claims, contact_claims, address_claims",
    "/roles/manager/1: unknown scope 'profil'; known: profile, a/b~",
    "/roles/x~1y/0: unknown scope 'constructor'; known: profile, a/b~"
  ])
})

t.test('a member named __proto__ → a name like any other, so refused', async t => {
  t.strictSame(policyFaults({ ...policyDocument(), claimSets: JSON.parse('{"a":{},"__proto__":{}}'), scopes: { a: {} }, roles: {} }).map(({ pointer }) => pointer), ['/claimSets/__proto__'])
})

t.test('jsonPointer → RFC 6901', async t => {
  t.equal(jsonPointer([]), '')
  t.equal(jsonPointer(['']), '/')
  t.equal(jsonPointer(['a/b/c', 'm~n~', '~1', '0']), '/a~1b~1c/m~0n~0/~01/0')
})
