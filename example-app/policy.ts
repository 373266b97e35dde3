import { readFile } from 'node:fs/promises'
import { createPolicy, type Policy } from 'fastify-keyhole'

/** The policy of `policy.json`. */
export async function readPolicy (): Promise<Policy> {
  return createPolicy(JSON.parse(await readFile(new URL('policy.json', import.meta.url), 'utf8')))
}
