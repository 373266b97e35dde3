import t from 'tap'
import { claims, forge, keyPair, keysOf, refused, verifierOf } from './forge.js'

const key = keyPair('k1')
const { verify } = verifierOf(keysOf(key))
const scopesOf = async (scope: unknown) => (await verify(forge({ key, claims: claims({ scope }) }))).scopes

t.test('A70 scope that is no string → refused', async t => {
  for (const scope of [['profile'], 1, { profile: true }, null, true, []]) {
    await refused(t, verify, forge({ key, claims: claims({ scope }) }), 'claims', JSON.stringify(scope))
  }
})

t.test('A70 only tokens of the grammar count, whole', async t => {
  for (const [scope, expected] of Object.entries({
    '': [],
    ' ': [],
    ' profile': ['profile'],
    'profile  contact ': ['profile', 'contact'],
    'profile\tcontact': [],
    'profile\u00A0contact address': ['address'],
    'pro"file contact': ['contact'],
    'pro\\file contact': ['contact'],
    'profile\ncontact': [],
    'profilé contact': ['contact'],
    'profile\0 contact': ['contact'],
    'profiles my.profile': ['profiles', 'my.profile'],
    'profile,contact': ['profile,contact'],
    'profile profile contact profile': ['profile', 'contact'],
    '! #[ ]~ https://x/y?z': ['!', '#[', ']~', 'https://x/y?z']
  })) {
    t.strictSame(await scopesOf(scope), expected, JSON.stringify(scope))
  }
})

t.test('A71 scope in other letters → another scope', async t => {
  t.strictSame(await scopesOf('PROFILE Profile'), ['PROFILE', 'Profile'])
})

t.test('A72 very many scopes → refused; very many times one → one', async t => {
  await refused(t, verify, forge({ key, claims: claims({ scope: Array.from({ length: 10_000 }, (_, index) => `s${index}`).join(' ') }) }), 'size')
  await refused(t, verify, forge({ key, claims: claims({ scope: 'profile '.repeat(10_000) }) }), 'size')
  const many = (count: number) => Array.from({ length: count }, (_, index) => `s${index}`).join(' ')
  await refused(t, verify, forge({ key, claims: claims({ scope: many(257) }) }), 'scopes')
  t.equal((await scopesOf(many(256))).length, 256)
  t.strictSame(await scopesOf('a '.repeat(2500)), ['a'])
})

t.test('A73 scopes named like members of every object → scopes like any other', async t => {
  t.strictSame(await scopesOf('constructor __proto__ toString'), ['constructor', '__proto__', 'toString'])
})

t.test('A74 no scope → no scopes', async t => {
  t.strictSame(await scopesOf(undefined), [])
})
