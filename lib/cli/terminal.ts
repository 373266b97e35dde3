/** Where a command writes to: a file, a pipe or a terminal. */
export interface Output {
  write (text: string): unknown
  /** Whether people look at it. */
  readonly isTTY?: boolean
  /** On a terminal: whether it shows colours and the environment wants them (NO_COLOR, FORCE_COLOR, TERM). */
  hasColors? (): boolean
}

/** What a command reads and writes; a process has one, and so has a test. */
export interface Terminal {
  readonly stdin: AsyncIterable<string | Uint8Array> & { readonly isTTY?: boolean }
  readonly stdout: Output
  readonly stderr: Output
}

/** How a command ends. */
export const EXIT = { fine: 0, finding: 1, unable: 2 } as const

/** A command was used wrongly, or could not do its work; the message says what to do instead. */
export class CommandError extends Error {}

/** What a command answers: what it prints, and how it ends. */
export interface Outcome {
  readonly text: string
  readonly exit: typeof EXIT[keyof typeof EXIT]
}

/** What a command answers as data, for a program. */
export function jsonOutcome (data: unknown, exit: Outcome['exit'] = EXIT.fine): Outcome {
  return { text: jsonText(data), exit }
}

/** What JSON.stringify leaves as it is, and would steer a terminal or turn the direction of writing. */
const STEERING = /[^\n\P{C}]/gu

/** JSON for programs, which may end up on a terminal. */
export function jsonText (data: unknown): string {
  return JSON.stringify(data, null, 2).replace(STEERING, escaped) + '\n'
}

function escaped (character: string): string {
  return Array.from({ length: character.length }, (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`).join('')
}
