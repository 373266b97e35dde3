import { fileURLToPath } from 'node:url'
import { run } from '../../lib/cli/run.js'

export interface Ended { readonly exit: number, readonly out: string, readonly err: string }

/** Runs a command within this process. @param stdin what is piped into it */
export async function keyhole (words: readonly string[], stdin: readonly (string | Uint8Array)[] = []): Promise<Ended> {
  let [out, err] = ['', '']
  async function * piped () { yield * stdin }
  const exit = await run(words, {
    stdin: piped(),
    stdout: { write: text => { out += text } },
    stderr: { write: text => { err += text } }
  })
  return { exit, out, err }
}

/** The path of an application in test/cli/apps. */
export function appFile (name: string): string {
  return fileURLToPath(new URL(`apps/${name}`, import.meta.url))
}

export const ORDERS = appFile('orders.ts')
