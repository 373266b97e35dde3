import { mkdir, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { pathToFileURL } from 'node:url'
import t, { type Test } from 'tap'
import { followPolicy } from '../../lib/policy/follow-policy.js'
import { policyFile } from '../../lib/policy/policy-file.js'
import { KeptLog, until } from './log.js'
import { policyDocument } from './policy-document.js'

const FIRST = JSON.stringify(policyDocument())
const other = (role: string) => ({ ...policyDocument(), roles: { [role]: ['contact'] } })

async function followed (t: Test, file: string) {
  const log = new KeptLog()
  const { policy, close } = await followPolicy(policyFile(file), log)
  t.teardown(close)
  return { log, policy, hasRole: async (role: string) => { await until(() => Object.hasOwn(policy.current.document.roles, role)) } }
}

t.test('a file by its path or URL → its document; the path stays the same wherever the process goes', async t => {
  const file = `${t.testdir({ 'policy.json': FIRST })}/policy.json`
  t.strictSame(await policyFile(file).read(), policyDocument())
  t.strictSame(await policyFile(pathToFileURL(file)).read(), policyDocument())
  t.equal(policyFile('policy.json').name, `${process.cwd()}/policy.json`)
})

t.test('no such file, no JSON → says which file, never what is in it', async t => {
  const folder = t.testdir({ '.env': 'SECRET=42' })
  await t.rejects(policyFile(`${folder}/policy.json`).read(), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^policy: the file cannot be read: ENOENT.*policy\.json/ })
  const error = await t.rejects(policyFile(`${folder}/.env`).read(), { code: 'FST_KEYHOLE_POLICY_INVALID', message: /\.env is not valid JSON/, faults: [{ pointer: '' }] })
  t.notMatch(String(error), /SECRET|42/)
})

t.test('replaced by rename, as editors do, several times → each is in force', async t => {
  const folder = t.testdir({ 'policy.json': FIRST })
  const { hasRole } = await followed(t, `${folder}/policy.json`)
  for (const role of ['clerk', 'agent']) {
    await writeFile(`${folder}/policy.json.new`, JSON.stringify(other(role)))
    await rename(`${folder}/policy.json.new`, `${folder}/policy.json`)
    await hasRole(role)
  }
})

t.test('truncated and written later, in two steps → the one in force stays until all of it is there', async t => {
  const file = `${t.testdir({ 'policy.json': FIRST })}/policy.json`
  const { log, policy, hasRole } = await followed(t, file)
  const { current } = policy
  const text = JSON.stringify(other('clerk'))
  await truncate(file)
  await until(() => log.said.length === 1)
  await writeFile(file, text.slice(0, -20))
  await new Promise(resolve => setTimeout(resolve, 1500))
  t.equal(policy.current, current)
  await writeFile(file, text)
  await hasRole('clerk')
  t.strictSame(log.said.map(({ level }) => level), ['error', 'info'])
})

t.test('removed and there again → in force again', async t => {
  const file = `${t.testdir({ 'policy.json': FIRST })}/policy.json`
  const { log, hasRole } = await followed(t, file)
  await rm(file)
  await until(() => log.said.length === 1)
  t.match(log.said, [{ level: 'error', details: { source: file, reason: /ENOENT/ } }])
  await writeFile(file, JSON.stringify(other('clerk')))
  await hasRole('clerk')
})

t.test('a symbolic link of a folder swapped, as config maps are → the new document is in force', async t => {
  const folder = t.testdir({ one: { 'policy.json': FIRST } })
  await symlink('one', `${folder}/..data`)
  await symlink('..data/policy.json', `${folder}/policy.json`)
  const { hasRole } = await followed(t, `${folder}/policy.json`)
  await mkdir(`${folder}/two`)
  await writeFile(`${folder}/two/policy.json`, JSON.stringify(other('clerk')))
  await symlink('two', `${folder}/..data_tmp`)
  await rename(`${folder}/..data_tmp`, `${folder}/..data`)
  await hasRole('clerk')
})
