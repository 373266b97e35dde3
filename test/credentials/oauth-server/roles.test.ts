import t from 'tap'
import { rolesOf } from '../../../lib/credentials/oauth-server/roles.js'

t.test('a claim → its values are the roles, word by word or by their names', async t => {
  t.strictSame(rolesOf({ roles: ['a', 'b'] }, {}, 'roles'), ['a', 'b'])
  t.strictSame(rolesOf({ scope: 'a  b ' }, {}, 'scope'), ['a', 'b'])
  t.strictSame(rolesOf({ realm: { roles: ['a', 1, null] } }, {}, ['realm', 'roles']), ['a'])
  t.strictSame(rolesOf({ roles: ['a'], groups: ['b'] }, { claim: 'groups' }, 'roles'), ['b'])
  t.strictSame(rolesOf({ roles: ['a', 'b', 'toString'] }, { names: { a: ['x', 'y'], b: 'z' } }, 'roles'), ['x', 'y', 'z'])
})

t.test('no claim, or another type → no roles', async t => {
  for (const roles of [undefined, null, 1, {}, true]) t.strictSame(rolesOf({ roles }, {}, 'roles'), [])
  t.strictSame(rolesOf({}, {}, 'toString'), [])
})

t.test('a function → what it says; what is no list of texts is refused', async t => {
  t.strictSame(rolesOf({ tier: 1 }, ({ tier }) => [`tier-${String(tier)}`], 'roles'), ['tier-1'])
  for (const answer of [undefined, 'a', [1], null]) t.throws(() => rolesOf({}, () => answer as never, 'roles'), TypeError)
})
