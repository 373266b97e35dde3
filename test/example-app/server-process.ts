import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A process of the example application, for the tests about it. */
export interface AppProcess {
  /** What it has written so far, to both streams. */
  output (): string
  /** Waits until it has written this; rejects when it exits before that. */
  written (text: RegExp): Promise<RegExpMatchArray>
  /** Asks it to stop. */
  terminate (): void
  /** Its exit code, once it is gone. */
  readonly exitCode: Promise<number | null>
}

type Environment = Readonly<Record<string, string>>

/** Starts `npm start` on a free port and waits until it listens. */
export async function npmStart (t: Test, environment: Environment): Promise<AppProcess & { readonly url: string }> {
  return await listening(startProcess(t, { PORT: '0', ...environment }, 'npm', ['start', '--silent']))
}

/** Starts the server on a free port and waits until it listens. */
export async function startServer (t: Test, environment: Environment): Promise<AppProcess & { readonly url: string }> {
  return await listening(startScript(t, 'server.ts', { PORT: '0', ...environment }))
}

/** Starts a script of the example application, as `npm start` does. */
export function startScript (t: Test, script: string, environment: Environment, ...parameters: string[]): AppProcess {
  return startProcess(t, environment, process.execPath, ['--conditions=keyhole-source', '--import', 'tsx', `example-app/${script}`, ...parameters])
}

async function listening (server: AppProcess): Promise<AppProcess & { readonly url: string }> {
  const [, url] = await server.written(/listens on (http:\S+),[^]*\n\n/)
  return { ...server, url: url! }
}

function startProcess (t: Test, environment: Environment, command: string, parameters: string[]): AppProcess {
  // Without coverage: what another loader made of the same sources would be mixed with it.
  const env = { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0', ...environment }
  const child = spawn(command, parameters, { cwd: ROOT, env, detached: true })
  const signal = (name: NodeJS.Signals) => { if (child.exitCode === null) process.kill(-child.pid!, name) }
  t.teardown(() => signal('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => { output += chunk; child.emit('written') })
  let isClosed = false
  const exitCode = once(child, 'close').then(([code]) => { isClosed = true; child.emit('written'); return code })

  return {
    output: () => output,
    terminate: () => signal('SIGTERM'),
    exitCode,
    async written (text) {
      for (;;) {
        const match = output.match(text)
        if (match !== null) return match
        if (isClosed) throw new Error(`it exited without having written ${text}:\n${output}`)
        await once(child, 'written')
      }
    }
  }
}
