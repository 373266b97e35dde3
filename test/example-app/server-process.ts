import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A process of the example application, for the tests about it. */
export interface AppProcess {
  readonly child: ChildProcess
  /** What it has written so far, to both streams. */
  output (): string
  /** Waits until it has written this; rejects when it exits before that. */
  written (text: string | RegExp): Promise<RegExpMatchArray>
  /** Its exit code, once it is gone. */
  readonly exitCode: Promise<number | null>
}

/** Starts a script of the example application as `npm start` does. */
export function startProcess (t: Test, script: string, environment: Record<string, string>, ...parameters: string[]): AppProcess {
  const child = spawn(process.execPath, ['--conditions=keyhole-source', '--import', 'tsx', `example-app/${script}`, ...parameters], {
    cwd: ROOT,
    env: { ...process.env, ...environment }
  })
  t.teardown(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => { output += chunk; child.emit('written') })
  const exitCode = once(child, 'close').then(([code]) => { child.emit('written'); return code })

  return {
    child,
    output: () => output,
    exitCode,
    async written (text) {
      for (;;) {
        const match = output.match(text)
        if (match !== null) return match
        if (child.exitCode !== null) throw new Error(`it exited without having written ${text}:\n${output}`)
        await once(child, 'written')
      }
    }
  }
}

/** Starts the server on a free port and waits until it listens. */
export async function startServer (t: Test, environment: Record<string, string>): Promise<AppProcess & { readonly url: string }> {
  const server = startProcess(t, 'server.ts', { PORT: '0', ...environment })
  const [, url] = await server.written(/listens on (http:\S+),[^]*\n\n/)
  return { ...server, url: url! }
}
