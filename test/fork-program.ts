import { fork, type ChildProcess, type ForkOptions } from 'node:child_process'

/** The loader that tap gives to the tests takes five times as long to start a process. */
export const LOADER = ['--conditions=keyhole-source', '--import', 'tsx']

/** What runs with that loader is not counted: tap could not tell which lines it were. */
export function uncounted (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0', ...more }
}

/** Starts a program of the tests, or of the package, as a process beside the test. */
export function forkProgram (program: string, words: readonly string[] = [], { env, execArgv = [], ...options }: ForkOptions = {}): ChildProcess {
  return fork(program, words, { ...options, execArgv: [...execArgv, ...LOADER], env: uncounted(env) })
}
