/** What a command reads and writes; a process has one, and so has a test. */
export interface Terminal {
  readonly stdin: AsyncIterable<string | Uint8Array>
  readonly stdout: { write (text: string): unknown }
  readonly stderr: { write (text: string): unknown }
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
