import type { ChildProcess, ForkOptions } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { forkProgram } from '../fork-program.js'

/** What a process is started with. */
export interface NodeSettings {
  /** Of the store. */
  readonly url: string
  readonly port?: number
  /** Where its policy stands, if not in the store. */
  readonly policyFile?: string
  /** Whether it is of the release that has the field `points`, of the claim set `loyalty_claims`. */
  readonly hasPoints?: boolean
}

export interface Node { readonly child: ChildProcess, readonly base: string }

const PROGRAM = fileURLToPath(new URL('node.ts', import.meta.url))

/** A process that listens; it ends with the test. */
export async function startNode (t: Test, settings: NodeSettings): Promise<Node> {
  const child = forked(t, settings)
  const [base] = await once(child, 'message')
  return { child, base }
}

/** What a process that does not start says. */
export async function failedStart (t: Test, settings: NodeSettings): Promise<{ readonly code: number, readonly said: string }> {
  const child = forked(t, settings, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const [said, [code]] = await Promise.all([text(child.stderr!), once(child, 'exit')])
  return { code, said }
}

function forked (t: Test, settings: NodeSettings, options: ForkOptions = {}): ChildProcess {
  const child = forkProgram(PROGRAM, [JSON.stringify(settings)], options)
  t.teardown(() => child.kill('SIGKILL'))
  return child
}
