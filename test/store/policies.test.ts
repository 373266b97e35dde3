import Database from 'libsql'
import t from 'tap'
import { policyVersion } from '../../lib/policy/version.js'
import { openStore } from '../../lib/store/open-store.js'

const first = { claimSets: { profile_claims: {} }, scopes: { profile: { reads: ['profile_claims'] } }, roles: { viewer: ['profile'] } }
const second = { ...first, roles: { viewer: ['profile'], manager: ['profile'] } }

t.test('publish → the version; latest → what was published last, members in their order', async t => {
  const { policies, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  t.equal(await policies.latest(), null)
  t.equal(await policies.publish(first), policyVersion(first))
  t.strictSame(await policies.latest(), first)
  t.equal(await policies.publish(second), policyVersion(second))
  t.equal(JSON.stringify(await policies.latest()), JSON.stringify(second))
})

t.test('publishing the latest again, in any order of members → the same version, nothing changes', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const { policies, close } = await openStore(`sqlite:${file}`)
  const rows = new Database(file)
  t.teardown(async () => { rows.close(); await close() })
  await policies.publish(second)
  const version = await policies.publish(first)
  const before = rows.prepare('select * from policies').all()
  const turned = { roles: first.roles, scopes: first.scopes, claimSets: first.claimSets }
  t.equal(await policies.publish(turned), version)
  t.strictSame(rows.prepare('select * from policies').all(), before)
})

t.test('publishing an earlier one → it is the latest again', async t => {
  const { policies, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  const versions = [await policies.publish(first), await policies.publish(second), await policies.publish(first)]
  t.equal(versions[0], versions[2])
  t.strictSame(await policies.latest(), first)
  await policies.publish(second)
  t.strictSame(await policies.latest(), second)
})

t.test('E25 a bad policy → refused with its faults, the latest stays', async t => {
  const { policies, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  await policies.publish(first)
  await t.rejects(policies.publish({ ...first, roles: { viewer: ['nothing'] } }), { code: 'FST_KEYHOLE_POLICY_INVALID', message: /\/roles\/viewer\/0/ })
  await t.rejects(policies.publish(null as never), { code: 'FST_KEYHOLE_POLICY_INVALID' })
  t.strictSame(await policies.latest(), first)
})

t.test('two stores on one file publish at once → both are kept, one is the latest for both', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const [a, b] = await Promise.all([openStore(url), openStore(url)])
  t.teardown(async () => { await Promise.all([a.close(), b.close()]) })
  await Promise.all([a.policies.publish(first), b.policies.publish(second)])
  const latest = await a.policies.latest()
  t.strictSame(await b.policies.latest(), latest)
  t.ok([first, second].some(document => JSON.stringify(document) === JSON.stringify(latest)))
})
