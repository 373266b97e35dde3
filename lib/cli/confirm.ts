import { CommandError, type Terminal } from './terminal.js'

/**
 * Asks somebody at the terminal, who may say yes; everything else means no.
 * @throws {CommandError} where nobody can be asked
 */
export async function confirm (question: string, { stdin, stderr }: Terminal): Promise<boolean> {
  if (stdin.isTTY !== true) throw new CommandError(`${question} There is no terminal to ask at: write --yes.`)
  // Not to stdout, which may go into a file.
  stderr.write(`${question} [y/N] `)
  let answer = ''
  for await (const chunk of stdin) {
    answer += typeof chunk === 'string' ? chunk : new TextDecoder().decode(chunk)
    // A terminal gives what was written line by line.
    if (answer.includes('\n')) break
  }
  return /^\s*y(?:es)?\s*$/i.test(answer)
}
