import { execFile } from 'node:child_process'
import { chmodSync, chownSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import Database from 'libsql'
import t from 'tap'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { openStore } from '../../lib/store/open-store.js'

/** Whom a process that was started by root becomes: root may write whatever is read-only. */
const NOBODY = 65_534

const LIMITED = fileURLToPath(new URL('limited.ts', import.meta.url))

/** @param blocks of 1,024 bytes that a file may have */
async function limited (url: string, { blocks = 'unlimited', user }: { readonly blocks?: string, readonly user?: number } = {}) {
  const words = [process.execPath, '--import', import.meta.resolve('tsx'), LIMITED, url, ...user === undefined ? [] : [`${user}`]]
  // Node ignores the signal that a file is full. What tap loads into each process would end it at that signal.
  const { stdout } = await promisify(execFile)('bash', ['-c', `unset NODE_OPTIONS; ulimit -f ${blocks}; exec "$@"`, 'bash', ...words])
  return JSON.parse(stdout) as { written?: number, read?: number, again?: string, code?: string, message?: string }
}

t.test('E29 the disk is full → a clear error; what was written before is there, reading goes on, and writing once there is room', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  await (await openStore(url)).close()
  const { written, read, again, code, message } = await limited(url, { blocks: '1000' })
  t.equal(code, 'FST_KEYHOLE_STORE_UNAVAILABLE', String(message))
  t.match(message, /full|disk I\/O error/)
  t.ok(written! > 10, `${written} clients`)
  t.equal(read, written, 'nothing is lost, nothing is half done')
  t.match(again, /^(published|FST_KEYHOLE_STORE_UNAVAILABLE)$/)

  const store = await openStore(url)
  t.teardown(store.close)
  t.equal((await store.clients.list()).length, written)
  await store.clients.create({ id: 'after', roles: ['viewer'] })
})

t.test('E29 a file that may only be read → a clear error', async t => {
  const folder = t.testdir()
  const url = `sqlite:${folder}/keyhole.db`
  await (await openStore(url)).close()
  const isRoot = process.getuid!() === 0
  if (isRoot) chownSync(`${folder}/keyhole.db`, NOBODY, NOBODY)
  chmodSync(`${folder}/keyhole.db`, 0o400)
  const { code, message } = await limited(url, isRoot ? { user: NOBODY } : {})
  t.equal(code, 'FST_KEYHOLE_STORE_UNAVAILABLE')
  t.match(message, /EACCES: permission denied, access .*keyhole\.db/)
  t.equal(statSync(`${folder}/keyhole.db`).mode & 0o777, 0o400)
})

t.test('E29 a file that another process keeps locked → clients are verified as fast as ever; when they were is not noted then', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const store = await openStore(`sqlite:${file}`)
  t.teardown(store.close)
  const { clientSecret, apiKey } = await store.clients.create({ id: 'crm', roles: ['viewer'] })
  const other = new Database(file)
  t.teardown(() => other.close())
  other.exec('begin immediate')
  const { verify } = storeCredentialProvider(store)
  const began = performance.now()
  for (let time = 0; time < 10; time++) t.ok(await verify({ clientId: 'crm', clientSecret, apiKey }, { issuer: 'https://auth.example.com', signal: new AbortController().signal }))
  t.match(await store.clients.get('crm'), { apiKeys: [{ lastUsedAt: null }] })
  t.ok(performance.now() - began < 4000, 'nobody waited for the lock, for which writing has five seconds')
  other.exec('commit')
})
