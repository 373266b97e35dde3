import t from 'tap'
import { appFile, keyhole, ORDERS } from './running.js'

t.test('fields without claim sets → 1, each with the line to write; other faults below', async t => {
  const { exit, out } = await keyhole(['annotate', appFile('unannotated.ts')])
  t.equal(exit, 1)
  t.equal(out, [
    "GET /customers/:id, response 200: write for each one of 'profile_claims', 'contact_claims', 'address_claims', 'banking_claims', ANY_TOKEN",
    '  id: claimSet(…, its schema)  // /id',
    '  tags: claimSet(…, its schema)  // /tags',
    '  "zip-code": claimSet(…, its schema)  // /address/zip-code',
    '',
    "PUT /note, body: write for each one of 'profile_claims', 'contact_claims', 'address_claims', 'banking_claims', ANY_TOKEN",
    '  claimSet(…, the whole schema)',
    '',
    'Other faults:',
    "  GET /customers/:id, response 200: unknown claim set 'profil_claims' on /name. The policy has profile_claims, contact_claims, address_claims, banking_claims.",
    ''
  ].join('\n'))
})

t.test('nothing else, or nothing but something else → that alone', async t => {
  const { exit, out } = await keyhole(['annotate', appFile('unfinished.ts')])
  t.equal(exit, 1)
  t.match(out, /^GET \/x, response 200: .*\n {2}claimSet\(…, the whole schema\)\n$/)
  t.match(await keyhole(['annotate', appFile('misscoped.ts')]), { exit: 1, out: /^Other faults:\n {2}GET \/x, config\.keyhole: unknown scope profil\. .*\n$/ })
})

t.test('an application that boots, since its routes are only observed → 1, the same words as without observing', async t => {
  t.strictSame(await keyhole(['annotate', appFile('observing.ts')]), {
    exit: 1,
    out: [
      "GET /customers/:id, response 200: write for each one of 'profile_claims', 'contact_claims', 'address_claims', 'banking_claims', ANY_TOKEN",
      '  nickname: claimSet(…, its schema)  // /nickname',
      '',
      'Other faults:',
      "  GET /customers/:id, response 200: unknown claim set 'profil_claims' on /name. The policy has profile_claims, contact_claims, address_claims, banking_claims.",
      ''
    ].join('\n'),
    err: ''
  })
})

t.test('several guards → what is missing behind each of them, though the boot ends at the first; words are not mistaken for one another', async t => {
  const { exit, out } = await keyhole(['annotate', appFile('two-guards.ts')])
  t.equal(exit, 1)
  t.strictSame(out.split('\n').filter(line => !line.includes('write for each one of')), [
    '  total: claimSet(…, its schema)  // /total',
    '',
    '  nickname: claimSet(…, its schema)  // /nickname',
    '',
    'Other faults:',
    "  GET /customers, response 200: unknown claim set 'profil_claims' on /a: no claim set on b. The policy has profile_claims, contact_claims, address_claims, banking_claims.",
    ''
  ])
})

t.test('nothing is missing → 0', async t => {
  t.strictSame(await keyhole(['annotate', ORDERS]), { exit: 0, out: 'Every field of every guarded route has a claim set.\n', err: '' })
})

t.test('an application that fails otherwise, or has no guard → 2', async t => {
  t.match(await keyhole(['annotate', appFile('failing.ts')]), { exit: 2, out: '', err: /^Error: the database is not there/ })
  t.match(await keyhole(['annotate', appFile('cold.ts')]), { exit: 2, out: '', err: /^Error: the cache is cold/ })
  t.match(await keyhole(['annotate', appFile('transpiled.cjs')]), { exit: 2, err: /no resource guard/ })
})
