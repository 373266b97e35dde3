import t from 'tap'
import { followPolicy } from '../../lib/policy/follow-policy.js'
import { publishedPolicy } from '../../lib/policy/published-policy.js'
import { openStore } from '../../lib/store/open-store.js'
import { KeptLog, until } from './log.js'
import { policyDocument } from './policy-document.js'

t.test('nothing published → says how to', async t => {
  const { policies, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  await t.rejects(publishedPolicy(policies).read(), { code: 'FST_KEYHOLE_OPTION_INVALID', message: 'policy: the store has no policy. Publish one first: await store.policies.publish(document).' })
})

t.test('a store that tells of changes → so does the source; one that does not → nor does it', async t => {
  const { policies, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  t.notOk('onChange' in publishedPolicy({ latest: policies.latest }))
  const onChange = () => () => {}
  t.equal(publishedPolicy({ ...policies, onChange }).onChange, onChange)
})

t.test('published → read; published later → in force; the store gone → stays in force, logged once', async t => {
  const store = await openStore('sqlite::memory:')
  await store.policies.publish(policyDocument())
  t.strictSame(await publishedPolicy(store.policies).read(), policyDocument())
  const log = new KeptLog()
  const { policy, close } = await followPolicy(publishedPolicy(store.policies), log)
  t.teardown(close)
  const version = await store.policies.publish({ ...policyDocument(), roles: {} })
  await until(() => policy.current.version === version)
  await store.close()
  await until(() => log.said.length === 2)
  await new Promise(resolve => setTimeout(resolve, 2500))
  t.equal(policy.current.version, version)
  t.match(log.said, [{ level: 'info' }, { level: 'error', details: { source: 'the store', policy: version, reason: /it was closed/ } }])
  t.equal(log.said.length, 2)
})
