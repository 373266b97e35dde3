import { writeFile } from 'node:fs/promises'
import Database from 'libsql'
import t, { type Test } from 'tap'
import { policyVersion } from '../../lib/policy/version.js'
import { openStore } from '../../lib/store/open-store.js'
import { inProcess, keyhole, storeIn } from './running.js'

const FIRST = { claimSets: { profile_claims: { purpose: 'Who it is' } }, scopes: { profile: { reads: ['profile_claims'] } }, roles: { viewer: ['profile'] } }
const SECOND = {
  claimSets: { profile_claims: { purpose: 'Who a customer is' }, banking_claims: {} },
  scopes: { profile: { reads: ['profile_claims'], writes: ['profile_claims'] }, banking: { reads: ['banking_claims'] } },
  roles: { viewer: ['profile'], accountant: ['profile', 'banking'] }
}
const THIRD = { ...FIRST, roles: { clerk: ['profile'] } }

async function setUp (t: Test) {
  const url = await storeIn(t, {}, { '1.json': JSON.stringify(FIRST), '2.json': JSON.stringify(SECOND), '3.json': JSON.stringify(THIRD) })
  const folder = t.testdirName
  const policy = (...words: string[]) => keyhole(['policy', ...words, '--store', url])
  return { url, folder, policy, publish: (name: string, ...words: string[]) => policy('publish', `${folder}/${name}.json`, ...words) }
}

t.test('as processes: publish, history, rollback → the latest, and how it differs from the one before', async t => {
  const { url, folder } = await setUp(t)
  const policy = (...words: string[]) => inProcess(['policy', ...words, '--store', url], { isCounted: true })
  t.strictSame(await policy('history'), { exit: 0, out: 'No policy was published yet. keyhole policy publish does it.\n', err: '' })
  t.strictSame(await policy('publish', `${folder}/1.json`), {
    exit: 0,
    err: '',
    out: `+ claim set profile_claims: + purpose "Who it is"\n+ scope profile: + reads profile_claims\n+ role viewer: + profile\n${policyVersion(FIRST)} is the latest policy.\n`
  })
  t.strictSame((await policy('publish', `${folder}/2.json`)).out.split('\n'), [
    '~ claim set profile_claims: + purpose "Who a customer is", - purpose "Who it is"',
    '+ claim set banking_claims',
    '~ scope profile: + writes profile_claims',
    '+ scope banking: + reads banking_claims',
    '+ role accountant: + profile, + banking',
    `${policyVersion(SECOND)} is the latest policy.`,
    ''
  ])
  const history = await policy('history')
  t.match(history.out.split('\n').map(line => line.split(/ {2,}/)), [['version', 'published', 'state'], [policyVersion(SECOND), /Z$/, 'latest'], [policyVersion(FIRST), /Z$/], ['']])
  const back = await policy('rollback', policyVersion(FIRST))
  t.match(back, { exit: 0, err: '', out: /\n- claim set banking_claims\n[^]*\n- role accountant: - profile, - banking\nsha256-\S+ is the latest policy\.\n$/ })
  const store = await openStore(url)
  t.strictSame(await store.policies.latest(), FIRST)
  await store.close()
})

t.test('--json → data', async t => {
  const { policy, publish } = await setUp(t)
  await publish('1')
  t.match(JSON.parse((await publish('3', '--json')).out), {
    version: policyVersion(THIRD),
    replaced: policyVersion(FIRST),
    changes: [{ kind: 'role', name: 'viewer', change: 'removed', gained: [], lost: ['profile'] }, { kind: 'role', name: 'clerk', change: 'added' }]
  })
  t.match(JSON.parse((await policy('history', '--json')).out), [{ version: policyVersion(THIRD), publishedAt: Number, latest: true }, { version: policyVersion(FIRST), latest: false }])
  t.match(JSON.parse((await policy('rollback', policyVersion(FIRST), '--json')).out), { version: policyVersion(FIRST), replaced: policyVersion(THIRD) })
})

t.test('a policy with faults → 1, each with its pointer, and nothing is published', async t => {
  const { policy, publish, folder } = await setUp(t)
  await writeFile(`${folder}/bad.json`, JSON.stringify({ ...FIRST, roles: { viewer: ['x'] } }))
  t.match(await publish('bad'), { exit: 1, out: /bad\.json:\n {2}\/roles\/viewer\/0: unknown scope 'x'; known: profile\nNothing was published\.\n$/, err: '' })
  t.match(JSON.parse((await publish('bad', '--json')).out), { faults: [{ pointer: '/roles/viewer/0' }] })
  await writeFile(`${folder}/bad.json`, '[]')
  t.match(await publish('bad'), { exit: 1, out: /\n {2}\(document\): / })
  t.match(await publish('none'), { exit: 2, err: /none\.json: ENOENT/ })
  t.match(await policy('rollback', 'sha256-x'), { exit: 2, err: 'No policy sha256-x was published. There are none.\n' })
  await publish('1')
  t.match(await policy('rollback', 'sha256-x'), { exit: 2, err: `There are ${policyVersion(FIRST)}.` })
})

t.test('--if-version of another than the latest → 1, and the latest stays; of the latest → published; the same again → nothing changes', async t => {
  const { publish } = await setUp(t)
  await publish('1')
  await publish('2')
  t.match(await publish('3', '--if-version', policyVersion(FIRST)), { exit: 1, out: `The latest policy is another one by now: ${policyVersion(SECOND)}. Look at it, and publish again.\n` })
  t.match(JSON.parse((await publish('3', '--json', '--if-version', policyVersion(FIRST))).out), { error: /another one by now/ })
  t.match(await publish('3', '--if-version', policyVersion(SECOND)), { exit: 0 })
  t.strictSame(await publish('3'), { exit: 0, out: `Nothing changes.\n${policyVersion(THIRD)} is the latest policy.\n`, err: '' })
})

t.test('a store that takes no policy → 2, and why', async t => {
  const { url, policy, publish } = await setUp(t)
  const rows = new Database(url.slice('sqlite:'.length))
  t.teardown(() => rows.close())
  rows.exec("create trigger fault before insert on policies begin select raise(abort, 'the disk is full'); end")
  t.match(await publish('1'), { exit: 2, out: '', err: /the disk is full\n$/ })
  t.match(await policy('history'), { out: /^No policy was published yet/ })
})

t.test('colours → what is new, what is gone, what is another', async t => {
  const { url, publish, folder } = await setUp(t)
  await publish('1')
  const { out } = await keyhole(['policy', 'publish', `${folder}/2.json`, '--store', url], [], { hasColours: true })
  t.match(out, '\u001b[32m+ claim set banking_claims\u001b[39m')
  t.match(out, '\u001b[33m~ scope profile: + writes profile_claims\u001b[39m')
  const back = await keyhole(['policy', 'publish', `${folder}/1.json`, '--store', url], [], { hasColours: true })
  t.match(back.out, '\u001b[31m- role accountant: - profile, - banking\u001b[39m')
})
