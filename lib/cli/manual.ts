import { EXIT, type Outcome } from './terminal.js'

/** What an exit code of a command means. */
type Exits = Readonly<Partial<Record<Outcome['exit'], string>>>

const EXITS: Exits = { [EXIT.fine]: 'done', [EXIT.unable]: 'used wrongly, or it could not run; the message says why' }

/** What stands below the options in a command's help: lines to copy, and how it ends. */
export function manual (examples: readonly string[], exits: Exits = {}): string {
  const codes = Object.entries({ ...EXITS, ...exits }).map(([code, meaning]) => `  ${code}  ${meaning}`)
  return ['', 'Examples:', ...examples.map(line => `  ${line}`), '', 'Exit codes:', ...codes].join('\n')
}
