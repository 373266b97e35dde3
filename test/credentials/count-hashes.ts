import crypto, { type Hash } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/** Which hashes were made while `work` ran, each as its algorithm and the number of bytes: the real ones, listened to. */
export async function hashesDuring (work: () => Promise<unknown>): Promise<string[]> {
  const made: string[] = []
  const createHash = crypto.createHash
  crypto.createHash = (algorithm, options): Hash => {
    const hash = createHash(algorithm, options)
    const update = hash.update
    hash.update = (...args: unknown[]): Hash => {
      made.push(`${algorithm} of ${Buffer.byteLength(args[0] as string)} bytes`)
      return Reflect.apply(update, hash, args)
    }
    return hash
  }
  syncBuiltinESMExports()
  try {
    await work()
  } finally {
    crypto.createHash = createHash
    syncBuiltinESMExports()
  }
  return made
}
