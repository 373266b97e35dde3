import { fork } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { spawn } from '@lydell/node-pty'
import type { Test } from 'tap'
import { run } from '../../lib/cli/run.js'
import { openStore, type StoreOptions } from '../../lib/store/open-store.js'
import { forkProgram, LOADER } from '../fork-program.js'

export interface Ended { readonly exit: number, readonly out: string, readonly err: string }

/** What a command finds around it. */
interface Around {
  /** Whether somebody is at a terminal. */
  readonly isTTY?: boolean
  /** Whether it shows colours. */
  readonly hasColours?: boolean
  /** Who reads the terminal's messages as they come. */
  readonly reader?: (text: string) => void
}

const KEYHOLE = fileURLToPath(new URL('../../lib/cli/keyhole.ts', import.meta.url))

/** Runs a command within this process. @param stdin what is piped into it, or written at the terminal */
export async function keyhole (words: readonly string[], stdin: readonly (string | Uint8Array)[] = [], { isTTY = false, hasColours = false, reader = () => {} }: Around = {}): Promise<Ended> {
  let [out, err] = ['', '']
  async function * piped () { yield * stdin }
  const exit = await run(words, {
    stdin: Object.assign(piped(), { isTTY }),
    stdout: { isTTY, hasColors: () => hasColours, write: text => { out += text } },
    stderr: { isTTY, hasColors: () => hasColours, write: text => { err += text; reader(text) } }
  })
  return { exit, out, err }
}

/** Runs a command as a process of its own. @param input what is piped into it @param isCounted whether its coverage counts */
export async function inProcess (words: readonly string[], { input = '', env = {}, isCounted = false }: { readonly input?: string, readonly env?: NodeJS.ProcessEnv, readonly isCounted?: boolean } = {}): Promise<Ended> {
  const child = isCounted ? fork(KEYHOLE, words, { stdio: 'pipe', env: { ...process.env, ...env } }) : forkProgram(KEYHOLE, words, { stdio: 'pipe', env })
  child.stdin!.on('error', () => {}).end(input)
  const [out, err, [exit]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return { exit, out, err }
}

/** Runs a command as a process at a terminal, where both outputs are one. @param answer what is typed once it asks @param env all of its environment: a variable of ours (CI, say) may tell it what the terminal can show */
export async function atTerminal (words: readonly string[], { answer = '', env = {} }: { readonly answer?: string, readonly env?: Readonly<Record<string, string>> } = {}): Promise<Pick<Ended, 'exit' | 'out'>> {
  const child = spawn(process.execPath, [...LOADER, KEYHOLE, ...words], { cols: 120, env: { TERM: 'xterm-256color', ...env } })
  let [out, answered] = ['', answer === '']
  child.onData(data => {
    out += data
    if (answered || !out.includes('[y/N]')) return
    answered = true
    child.write(answer)
  })
  const exit = await new Promise<number>(resolve => child.onExit(({ exitCode }) => resolve(exitCode)))
  return { exit, out }
}

/** The URL of a store that is there, with nothing in it. */
export async function storeIn (t: Test, options: StoreOptions = {}, files: Record<string, string> = {}): Promise<string> {
  const url = `sqlite:${t.testdir(files)}/keyhole.db`
  await (await openStore(url, options)).close()
  return url
}

/** Sets a variable of the environment until the test ends. */
export function environment (t: Test, name: string, value: string): void {
  const before = process.env[name]
  process.env[name] = value
  t.teardown(() => { if (before === undefined) delete process.env[name]; else process.env[name] = before })
}

/** The path of an application in test/cli/apps. */
export function appFile (name: string): string {
  return fileURLToPath(new URL(`apps/${name}`, import.meta.url))
}

export const ORDERS = appFile('orders.ts')
