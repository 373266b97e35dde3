import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { CommandError, type Terminal } from './terminal.js'

/** What stands for what is piped in. */
export const PIPED = '-'

/** The text of a file, or of what is piped in. @throws {CommandError} when it cannot be read */
export async function readInput (file: string, stdin: Terminal['stdin']): Promise<string> {
  try {
    return file === PIPED ? await text(stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`, { cause: error })
  }
}

/** What a JSON text holds. @throws {CommandError} when it is none; nothing of it is quoted: it may be secret */
export function parseJson<T> (file: string, text: string): T {
  try {
    return JSON.parse(text)
  } catch {
    throw new CommandError(`${file}: no JSON.`)
  }
}

/** The one line of a file that holds nothing else. @throws {CommandError} when there are more, or none */
export async function readLine (file: string, stdin: Terminal['stdin']): Promise<string> {
  const lines = (await readInput(file, stdin)).trim().split(/\r?\n/)
  if (lines.length !== 1 || lines[0] === '') throw new CommandError(`${file}: write one line, and nothing else.`)
  return lines[0]!
}
