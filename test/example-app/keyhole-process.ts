import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** Runs the command on the example application, with an empty data folder; gives what it printed. */
export async function runKeyhole (t: Test, words: readonly string[]): Promise<string> {
  // Without coverage: what another loader made of the same sources would be mixed with it.
  const env = { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0', DATA_DIR: t.testdir() }
  const { stdout } = await promisify(execFile)(process.execPath, ['--conditions=keyhole-source', '--import', 'tsx', 'lib/cli/keyhole.ts', ...words], { cwd: ROOT, env })
  return stdout
}
