import { readFile } from 'node:fs/promises'
import { createPolicy } from '../policy/policy.js'
import type { PolicySnapshot } from '../policy/snapshot.js'
import { CommandError } from './terminal.js'

/** The document in a file. @throws {CommandError} when it cannot be read, or is no JSON */
export async function readPolicyFile (file: string): Promise<unknown> {
  let text
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`, { cause: error })
  }
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CommandError(`${file}: no JSON: ${(error as Error).message}`, { cause: error })
  }
}

/** The policy in a file. @throws {CommandError} also when it is refused, with every fault */
export async function loadPolicy (file: string): Promise<PolicySnapshot> {
  const document = await readPolicyFile(file)
  try {
    return createPolicy(document).current
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`, { cause: error })
  }
}
