import { AsyncLocalStorage } from 'node:async_hooks'
import crypto, { webcrypto, type Hash, type ScryptOptions, type Verify } from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'

/**
 * Listens to node:crypto: which hashes are made, which public keys are read and which signatures are checked. Import it before what it listens to,
 * since some take what they need of node:crypto when they are loaded.
 */

/** What was done for the work that is listened to; timers that run beside it are none of it. */
const made = new AsyncLocalStorage<string[]>()

const { createHash, createPublicKey, createVerify, hash, scrypt, verify } = crypto
const subtle = webcrypto.subtle
const subtleVerify = subtle.verify

crypto.createHash = (algorithm, options): Hash => {
  const hash = createHash(algorithm, options)
  const update = hash.update
  hash.update = (...args: unknown[]): Hash => {
    made.getStore()?.push(`${algorithm} of ${Buffer.byteLength(args[0] as string)} bytes`)
    return Reflect.apply(update, hash, args)
  }
  return hash
}
crypto.hash = ((...args: Parameters<typeof hash>) => {
  made.getStore()?.push(`${args[0]} of ${Buffer.byteLength(args[1] as string)} bytes`)
  return hash(...args)
}) as typeof hash
crypto.createPublicKey = key => {
  made.getStore()?.push('a public key')
  return createPublicKey(key)
}
crypto.scrypt = ((...args: unknown[]) => {
  const { N, r, p } = args[3] as ScryptOptions
  made.getStore()?.push(`scrypt of N=${N}, r=${r}, p=${p}`)
  Reflect.apply(scrypt, crypto, args)
}) as typeof scrypt
crypto.createVerify = (algorithm, options): Verify => {
  made.getStore()?.push(`signature by ${algorithm}`)
  return createVerify(algorithm, options)
}
crypto.verify = ((...args: Parameters<typeof verify>) => {
  made.getStore()?.push(`signature by ${args[0]} of ${args[1].byteLength} bytes`)
  return verify(...args)
}) as typeof verify
subtle.verify = async (algorithm, key, signature, data) => {
  made.getStore()?.push(`signature by ${JSON.stringify(algorithm)} of ${data.byteLength} bytes`)
  return await Reflect.apply(subtleVerify, subtle, [algorithm, key, signature, data])
}
syncBuiltinESMExports()

/** What was hashed, which public keys were read and which signatures were checked while `work` ran, each as its algorithm and the number of bytes: the real ones, listened to. */
export async function workDuring (work: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = []
  await made.run(seen, work)
  return seen
}
