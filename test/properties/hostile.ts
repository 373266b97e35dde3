import { setImmediate as turn } from 'node:timers/promises'
import v8 from 'node:v8'
import vm from 'node:vm'
import fc from 'fast-check'
import type { Test } from 'tap'

/** How often a property is tried: some hundreds, or what KEYHOLE_CASES says. */
export const CASES = Number(process.env['KEYHOLE_CASES'] ?? 300)

/** How far the heap may have grown after the cases, in bytes. */
const GROWTH = 20 * 2 ** 20

v8.setFlagsFromString('--expose-gc')
const collect = vm.runInNewContext('gc') as () => void

/** Some text, or one that a parser could stumble on. */
export const HOSTILE = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom('', ' ', '\u0000', '\r\nx: y', '__proto__', 'constructor', '%', '%ff', '[]', '{}', 'null', '1e400', '\uD800', '{"level":60}', 'x'.repeat(9000))
)

/** Changes a text somewhere: letters left out, put in, doubled or exchanged. */
export function mutated (text: string): fc.Arbitrary<string> {
  return fc.tuple(fc.nat(text.length), fc.nat(12), fc.oneof(HOSTILE, fc.constantFrom(text, '.', '=', '&', '+'))).map(([at, gone, put]) =>
    text.slice(0, at) + put + text.slice(at + gone))
}

/** A log that is looked at, line by line, for what must not be in it; a line that is no JSON object was injected. */
export function watchedLog (t: Test, secrets: readonly string[]) {
  let lines = 0
  const write = (line: string) => {
    lines++
    if (!/^\{.*\}\n$/.test(line) || typeof JSON.parse(line) !== 'object') t.fail(`no line of a log: ${line}`)
    const found = secrets.findIndex(secret => line.includes(secret))
    if (found >= 0) t.fail(`secret ${found} is in the log`)
  }
  return { logger: { level: 'trace', stream: { write } }, lines: () => lines }
}

/**
 * Tries a property of whatever somebody sends: it holds, nothing is rejected without anybody handling it, and the heap
 * is what it was.
 */
export async function holdsFor<Input> (t: Test, inputs: fc.Arbitrary<Input>, holds: (input: Input) => Promise<void>): Promise<void> {
  const unhandled: unknown[] = []
  const note = (reason: unknown) => { unhandled.push(reason) }
  process.on('unhandledRejection', note)
  t.teardown(() => { process.off('unhandledRejection', note) })

  await fc.assert(fc.asyncProperty(inputs, holds), { numRuns: Math.min(CASES, 300) })
  const before = await heap()
  // In rounds: what fast-check remembers of one round is not the memory of what is tested.
  for (let done = 0; done < CASES; done += 1000) await fc.assert(fc.asyncProperty(inputs, holds), { numRuns: Math.min(1000, CASES - done) })
  const grown = await heap() - before
  t.ok(grown < GROWTH, `the heap grew by ${Math.round(grown / 1024)} KiB`)
  t.strictSame(unhandled, [], 'nothing was rejected without anybody handling it')
}

async function heap (): Promise<number> {
  for (let time = 0; time < 3; time++) {
    await turn()
    collect()
  }
  return process.memoryUsage().heapUsed
}
