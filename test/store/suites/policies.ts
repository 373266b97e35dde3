import type { Test } from 'tap'
import { policyVersion } from '../../../lib/policy/version.js'
import { openStore } from '../../../lib/store/open-store.js'
import type { TestDatabase } from '../databases.js'

const first = { claimSets: { profile_claims: {} }, scopes: { profile: { reads: ['profile_claims'] } }, roles: { viewer: ['profile'] } }
const second = { ...first, roles: { viewer: ['profile'], manager: ['profile'] } }

/** Published policies. */
export function policiesSuite (t: Test, database: TestDatabase): void {
  t.test('publish → the version; latest → what was published last, members in their order', async t => {
    const { policies, close } = await openStore(await database.url(t))
    t.teardown(close)
    t.equal(await policies.latest(), null)
    t.equal(await policies.publish(first), policyVersion(first))
    t.strictSame(await policies.latest(), first)
    t.equal(await policies.publish(second), policyVersion(second))
    t.equal(JSON.stringify(await policies.latest()), JSON.stringify(second))
  })

  t.test('publishing the latest again, in any order of members → the same version, nothing changes', async t => {
    const url = await database.url(t)
    const { policies, close } = await openStore(url)
    t.teardown(close)
    const sql = await database.sql(t, url)
    await policies.publish(second)
    const version = await policies.publish(first)
    const before = await sql.rows('select * from policies')
    const turned = { roles: first.roles, scopes: first.scopes, claimSets: first.claimSets }
    t.equal(await policies.publish(turned), version)
    t.strictSame(await sql.rows('select * from policies'), before)
  })

  t.test('publishing an earlier one → it is the latest again', async t => {
    const { policies, close } = await openStore(await database.url(t))
    t.teardown(close)
    const versions = [await policies.publish(first), await policies.publish(second), await policies.publish(first)]
    t.equal(versions[0], versions[2])
    t.strictSame(await policies.latest(), first)
    await policies.publish(second)
    t.strictSame(await policies.latest(), second)
  })

  t.test('E25 a bad policy → refused with its faults, the latest stays', async t => {
    const { policies, close } = await openStore(await database.url(t))
    t.teardown(close)
    await policies.publish(first)
    await t.rejects(policies.publish({ ...first, roles: { viewer: ['nothing'] } }), { code: 'FST_KEYHOLE_POLICY_INVALID', message: /\/roles\/viewer\/0/ })
    await t.rejects(policies.publish(null as never), { code: 'FST_KEYHOLE_POLICY_INVALID' })
    t.strictSame(await policies.latest(), first)
  })

  t.test('two stores on one file publish at once → both are kept, one is the latest for both', async t => {
    const url = await database.url(t)
    const [a, b] = await Promise.all([openStore(url), openStore(url)])
    t.teardown(async () => { await Promise.all([a.close(), b.close()]) })
    await Promise.all([a.policies.publish(first), b.policies.publish(second)])
    const latest = await a.policies.latest()
    t.strictSame(await b.policies.latest(), latest)
    t.ok([first, second].some(document => JSON.stringify(document) === JSON.stringify(latest)))
  })

  t.test('ifVersion → published where that is the latest, null where there is none; refused with the latest otherwise', async t => {
    const { policies, close } = await openStore(await database.url(t))
    t.teardown(close)
    await t.rejects(policies.publish(first, { ifVersion: policyVersion(second) }), { code: 'FST_KEYHOLE_POLICY_CHANGED', message: /another one by now: none\./ })
    await policies.publish(first, { ifVersion: null })
    await t.rejects(policies.publish(second, { ifVersion: null }), { code: 'FST_KEYHOLE_POLICY_CHANGED', message: policyVersion(first) })
    await policies.publish(second, { ifVersion: policyVersion(first) })
    await t.rejects(policies.publish(second, { ifVersion: policyVersion(first) }), { code: 'FST_KEYHOLE_POLICY_CHANGED' }, 'also where it is the latest already')
    t.strictSame(await policies.latest(), second)
    await t.rejects(policies.publish(first, { ifversion: null } as object), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /there is no option ifversion/ })
  })

  t.test('history and get → every version once, the latest first, each with its document', async t => {
    const { policies, close } = await openStore(await database.url(t))
    t.teardown(close)
    t.strictSame(await policies.history(), [])
    const before = Math.floor(Date.now() / 1000)
    for (const document of [first, second, first]) await policies.publish(document)
    const history = await policies.history()
    t.strictSame(history.map(({ version }) => version), [policyVersion(first), policyVersion(second)])
    t.ok(history.every(({ publishedAt }) => publishedAt >= before && publishedAt <= Date.now() / 1000))
    t.strictSame(await policies.get(policyVersion(second)), second)
    t.equal(await policies.get('sha256-unheard'), null)
  })
}
