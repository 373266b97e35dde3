import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { followPolicy } from '../../lib/policy/follow-policy.js'
import { policyRefused } from '../../lib/policy/policy.js'
import { policyVersion } from '../../lib/policy/version.js'
import { KeptLog, until } from './log.js'
import { policyDocument } from './policy-document.js'

const OTHER = { ...policyDocument(), roles: { clerk: ['contact'] } }
const BAD = { ...policyDocument(), roles: { clerk: ['banking'], '': ['none'] } }

/** A source that gives what was put into it last; an error is thrown. */
function sourceOf (first: unknown) {
  const source = { name: 'here', reads: 0, content: first, async read () { source.reads++; if (source.content instanceof Error) throw source.content; return source.content } }
  return source
}

async function looks (source: { readonly reads: number }, times: number): Promise<void> {
  const before = source.reads
  await until(() => source.reads >= before + times)
}

t.test('another document → in force, logged once by its version; the same in another order → no event', async t => {
  const source = sourceOf(policyDocument())
  const log = new KeptLog()
  const { policy, close } = await followPolicy(source, log)
  t.teardown(close)
  const first = policy.current
  const { roles, scopes, claimSets } = policyDocument()
  source.content = { roles, scopes, claimSets }
  await looks(source, 2)
  t.equal(policy.current, first)
  t.strictSame(log.said, [])
  source.content = OTHER
  await until(() => policy.current !== first)
  await looks(source, 1)
  t.strictSame(policy.current.document, OTHER)
  t.strictSame(log.said, [{ level: 'info', message: 'policy replaced', details: { policy: policyVersion(OTHER), source: 'here' } }])
})

t.test('E25 a document with faults → the one in force stays, all its faults are logged, once; a good one later is taken', async t => {
  const source = sourceOf(policyDocument())
  const log = new KeptLog()
  const { policy, close } = await followPolicy(source, log)
  t.teardown(close)
  const first = policy.current
  source.content = BAD
  await looks(source, 3)
  t.equal(policy.current, first)
  t.match(log.said, [{ level: 'error', message: 'no other policy can be put in force; the one in force stays', details: { policy: first.version, source: 'here', reason: /\/roles\/clerk\/0: .*\n.*\/roles\/: .*\n.*\/roles\/\/0: / } }])
  source.content = policyRefused([{ pointer: '', message: 'not valid JSON' }])
  await looks(source, 2)
  t.match(log.said.slice(1), [{ level: 'error', details: { reason: /not valid JSON/ } }])
  source.content = OTHER
  await until(() => policy.current !== first)
  t.strictSame(log.said.slice(2).map(({ level }) => level), ['info'])
})

t.test('a source that is out of reach → the policy in force stays; each outage is logged once, with its end', async t => {
  const source = sourceOf(policyDocument())
  const log = new KeptLog()
  const { policy, close } = await followPolicy(source, log)
  t.teardown(close)
  const { current } = policy
  for (const round of [1, 2]) {
    source.content = new Error(`away ${round}`)
    await looks(source, 2)
    source.content = new Error(`still away ${round}`)
    await looks(source, 2)
    source.content = policyDocument()
    await looks(source, 2)
    t.equal(policy.current, current)
  }
  t.strictSame(log.said.map(({ level, details: { reason } }) => [level, reason]), [['error', 'away 1'], ['info', undefined], ['error', 'away 2'], ['info', undefined]])
  t.strictSame(log.said[1], { level: 'info', message: 'the policy in force is there again', details: { policy: current.version, source: 'here' } })
})

t.test('closed → not read any more; what comes of a read that was under way is dropped', async t => {
  for (const ends of [OTHER, new Error('closed')]) {
    const source = sourceOf(policyDocument())
    const log = new KeptLog()
    const { policy, close } = await followPolicy(source, log)
    const { current } = policy
    let finish = () => {}
    const read = new Promise<unknown>((resolve, reject) => { finish = () => ends instanceof Error ? reject(ends) : resolve(ends) })
    let reading = 0
    source.read = async () => { reading++; return await read }
    await until(() => reading === 1)
    close()
    finish()
    await new Promise(resolve => setTimeout(resolve, 1500))
    t.equal(reading, 1)
    t.equal(policy.current, current)
    t.strictSame(log.said, [])
  }
})

t.test('a first document that is no good, or cannot be read → thrown', async t => {
  await t.rejects(followPolicy(sourceOf(BAD), new KeptLog()), { code: 'FST_KEYHOLE_POLICY_INVALID' })
  const away = new Error('away')
  await t.rejects(followPolicy(sourceOf(away), new KeptLog()), away)
})

t.test('a process that has nothing else to do → ends, though it follows a policy', async t => {
  const program = `
    const { followPolicy } = await import(${JSON.stringify(new URL('../../lib/policy/follow-policy.ts', import.meta.url))})
    const document = ${JSON.stringify(policyDocument())}
    await followPolicy({ name: 'here', read: async () => document }, console)
    console.log('follows')`
  const { stdout } = await promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', program], { env: { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0' } })
  t.equal(stdout, 'follows\n')
})
