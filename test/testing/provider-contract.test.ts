import { execFile } from 'node:child_process'
import { mock } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { errors, type CredentialProvider } from 'fastify-keyhole'
import { credentialProviderContract } from 'fastify-keyhole/testing'
import type { ContractTest, ProviderSubject } from '../../lib/testing/provider-subject.js'
import { tableSubject, type Flaw } from './table-provider.js'

/** What became of each test of the contract: passed, the reason to skip it, or what it failed with. */
async function outcomes (make: () => ProviderSubject): Promise<Record<string, string | Error>> {
  const results: Record<string, string | Error> = {}
  const recording: ContractTest = {
    async test (name, { skip }, run) {
      results[name] = skip ?? 'passed'
      if (skip === undefined) await run(recording).catch(error => { results[name] = error })
    },
    after: () => {}
  }
  await credentialProviderContract(recording, make)
  return results
}

async function failures (flaw: Flaw): Promise<string[]> {
  return Object.entries(await outcomes(() => tableSubject(flaw))).filter(([, result]) => result instanceof Error).map(([name]) => name)
}

/** A provider that does the same but for this. */
const but = (verify: (right: CredentialProvider, ...asked: Parameters<CredentialProvider['verify']>) => ReturnType<CredentialProvider['verify']>): Flaw =>
  right => ({ verify: (...asked) => verify(right, ...asked) })

const NAMES = Object.keys(await outcomes(() => tableSubject()))
const named = (start: string) => {
  const found = NAMES.filter(name => name.startsWith(start))
  if (found.length !== 1) throw new Error(`no test of the contract begins with '${start}'`)
  return found[0]!
}

t.test('a provider that keeps the contract → each test passes under tap', async t => {
  await credentialProviderContract(t, () => tableSubject())
})

t.test('each flaw → the test of it fails', async t => {
  let asked = 0
  let last = ''
  const flaws: Record<string, [string, Flaw]> = {
    'only one answer': ['right credentials', but(async (right, credentials, context) => ++asked % 2 === 1 ? right.verify(credentials, context) : null)],
    'any secret': ['wrong credentials', but((right, credentials, context) => right.verify({ ...credentials, clientSecret: `secret of ${credentials.clientId}` }, context))],
    'a secret that is trimmed': ['wrong credentials', but((right, credentials, context) => right.verify({ ...credentials, ...(credentials.clientSecret !== undefined && { clientSecret: credentials.clientSecret.trim() }) }, context))],
    'ids looked up in an object': ['an unknown client', but(async (right, credentials, context) => credentials.clientId in {} ? { clientId: credentials.clientId, roles: [] } : right.verify(credentials, context))],
    'ids that are trimmed': ['an unknown client', but(async (right, credentials, context) => {
      const answer = await right.verify({ ...credentials, clientId: credentials.clientId.trim() }, context)
      return answer && { ...answer, clientId: credentials.clientId }
    })],
    'disabled ones too': ['a disabled client', but(async (right, credentials, context) => credentials.clientId === 'off' ? { clientId: 'off', roles: [] } : right.verify(credentials, context))],
    'expired ones too': ['an expired secret', but(async (right, credentials, context) => credentials.clientId === 'late' ? { clientId: 'late', roles: [] } : right.verify(credentials, context))],
    'the new secret alone': ['a secret that is rotated', but(async (right, credentials, context) => credentials.clientSecret === 'secret before' ? null : right.verify(credentials, context))],
    'no for cannot tell': ['what it asks is down', but((right, credentials, context) => right.verify(credentials, context).catch(() => null))],
    'another error': ['what it asks is down', but((right, credentials, context) => right.verify(credentials, context).catch(() => { throw new Error('down') }))],
    'an answer that does not wait': ['what it asks is slow', right => {
      let known: Awaited<ReturnType<CredentialProvider['verify']>> | undefined
      return {
        verify: async (credentials, context) => {
          known ??= await Promise.race([right.verify(credentials, context), { clientId: 'crm', roles: ['crm-role'] }])
          return known
        }
      }
    }],
    'a signal that is not looked at': ['cancelled while', but((right, credentials, context) => right.verify(credentials, { ...context, signal: new AbortController().signal }))],
    'a listener that stays': ['cancelled before', but((right, credentials, context) => {
      context.signal.addEventListener('abort', () => {})
      return right.verify(credentials, context)
    })],
    'state that requests share': ['100 at once', but(async (right, credentials, context) => {
      last = credentials.clientId
      const answer = await right.verify(credentials, context)
      return answer && { ...answer, clientId: last }
    })],
    'a wrong answer taken': ['what it asks answers with', but(async (right, credentials, context) => ({ ...(await right.verify(credentials, context))!, roles: [] }))],
    'other roles': ['roles that the policy', but(async (right, credentials, context) => {
      const answer = await right.verify(credentials, context)
      return answer && { ...answer, roles: ['admin'] }
    })],
    'a secret in the log': ['nothing secret in the log', (right, table) => ({
      verify: (credentials, context) => {
        table.log(`Basic ${Buffer.from(`${credentials.clientId}:${credentials.clientSecret}`).toString('base64')}`)
        return right.verify(credentials, context)
      }
    })],
    'a secret in the error': ['nothing secret in the log', but((right, credentials, context) => right.verify(credentials, context).catch(cause => {
      throw Object.assign(new errors.ProviderUnavailableError({ cause }), { request: { body: { secret: credentials.clientSecret } } })
    }))]
  }
  mock.timers.enable({ apis: ['setTimeout'] })
  const patience = setInterval(() => mock.timers.tick(20_000), 20)
  t.teardown(() => { clearInterval(patience); mock.timers.reset() })
  for (const [what, [test, flaw]] of Object.entries(flaws)) {
    asked = 0
    t.ok((await failures(flaw)).includes(named(test)), `${what}: ${test}`)
  }
})

t.test('what a provider is without → skipped, with the reason', async t => {
  const result = await outcomes(() => ({
    ...tableSubject(), rotating: { without: 'one secret each' }, logged: { without: 'it logs nothing' }, waits: { without: 'it asks nobody' }
  }))
  t.equal(result[named('a secret that is rotated')], 'without rotating: one secret each')
  t.equal(result[named('nothing secret in the log')], 'without logged: it logs nothing')
  t.equal(result[named('what it asks is slow')], 'without waits: it asks nobody')
  t.strictSame(Object.values(result).filter(outcome => outcome instanceof Error), [])
})

t.test('a provider without anything that can be left out → the rest is tested', async t => {
  const without = { without: 'for this test' }
  const result = await outcomes(() => ({ ...tableSubject(), disabled: without, expired: without, rotating: without, fails: without, waits: without, malformed: without }))
  t.equal(Object.values(result).filter(outcome => outcome === 'passed').length, 7)
})

t.test('a part that was forgotten, or is left out without a reason → failed, with what to write', async t => {
  const { rotating, ...forgetful } = tableSubject()
  await t.rejects(outcomes(() => forgetful as ProviderSubject), { code: 'FST_KEYHOLE_OPTION_INVALID', message: "credentialProviderContract: rotating is missing; write it, or rotating: { without: 'the reason' }." })
  await t.rejects(outcomes(() => ({ ...tableSubject(), rotating: { without: '' } })), { message: 'credentialProviderContract: rotating.without: write the reason.' })
})

t.test('node:test → the same tests', async t => {
  const file = fileURLToPath(new URL('contract-with-node-test.ts', import.meta.url))
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined, _TAPJS_PROCESSINFO_COVERAGE_: '0' }
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=keyhole-source', '--import', 'tsx', '--test-reporter=tap', file], { env })
  for (const name of NAMES) t.match(stdout, `- ${name.replaceAll('#', '\\#')}`)
  t.match(stdout, /# SKIP without logged: it logs nothing/)
  t.match(stdout, /^# fail 0$/m)
})
