import { SingleBar } from 'cli-progress'
import { Writable } from 'node:stream'
import type { Output } from './terminal.js'

/** Shows how far some work is. */
export interface Progress {
  /** Such as `checking`; of how much. */
  begin (what: string, total: number): void
  at (done: number): void
  end (): void
}

const NONE: Progress = { begin () {}, at () {}, end () {} }

/** A bar on a terminal; nothing in a file or a pipe. */
export function progressOn (output: Output): Progress {
  if (output.isTTY !== true) return NONE
  const stream = new Writable({ write (chunk, _, done) { output.write(String(chunk)); done() } })
  const bar = new SingleBar({ stream: Object.assign(stream, { isTTY: true }), format: '{what} [{bar}] {percentage}%', clearOnComplete: true, etaBuffer: 100 })
  return {
    begin: (what, total) => bar.start(total, 0, { what }),
    at: done => bar.update(done),
    end: () => bar.stop()
  }
}
