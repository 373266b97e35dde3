import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { forkProgram } from '../fork-program.js'
import { until } from '../policy/log.js'

/** The process that keeps a PostgreSQL server for a test: nothing of it may stay, however it ends. */

const KEEPER = fileURLToPath(new URL('keeper.ts', import.meta.url))

/** A keeper with a folder for temporary files of its own. */
async function keeper (t: Test) {
  const folder = await mkdtemp(join(tmpdir(), 'keyhole-keeper-'))
  // The server's user has to get to its files in there.
  await chmod(folder, 0o711)
  const child = forkProgram(KEEPER, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: { TMPDIR: folder } })
  t.teardown(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  return {
    child,
    /** Its own; the loader of TypeScript has others there. */
    async files () {
      return (await readdir(folder)).filter(name => name.startsWith('keyhole-'))
    },
    /** Command lines that name the folder: every process of the server does. */
    async processes () {
      const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'args='])
      return stdout.split('\n').filter(line => line.includes(folder))
    }
  }
}

for (const end of ['SIGTERM', 'its parent goes'] as const) {
  t.test(`${end} → neither server nor files stay`, async t => {
    const { child, files, processes } = await keeper(t)
    await once(child, 'message')
    t.ok((await processes()).length > 0)
    const exit = once(child, 'exit')
    if (end === 'its parent goes') child.disconnect()
    else child.kill(end)
    t.strictSame(await exit, [0, null])
    t.strictSame(await files(), [])
    t.strictSame(await processes(), [])
  })
}

for (const milliseconds of [0, 10, 50, 250]) {
  t.test(`SIGINT twice before the server is up, ${milliseconds} ms after the first file → neither server nor files stay`, async t => {
    const { child, files, processes } = await keeper(t)
    await until(async () => (await files()).length > 0)
    await sleep(milliseconds)
    const exit = once(child, 'exit')
    child.kill('SIGINT')
    child.kill('SIGINT')
    t.strictSame(await exit, [0, null])
    t.strictSame(await files(), [])
    t.strictSame(await processes(), [])
  })
}
