import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { OptionInvalidError } from '../errors.js'
import { policyRefused } from './policy.js'
import type { PolicySource } from './policy-source.js'

/** A JSON file that holds a policy document; a path that is not absolute begins at the working directory of now. */
export function policyFile (file: string | URL): PolicySource {
  const path = resolve(file instanceof URL ? fileURLToPath(file) : file)
  return Object.freeze({
    name: path,
    async read () {
      const text = await readFile(path, 'utf8').catch((error: Error) => {
        throw new OptionInvalidError(`policy: the file cannot be read: ${error.message}. Write the path of a policy document in JSON.`)
      })
      try {
        return JSON.parse(text) as unknown
      } catch {
        // The parser's own words quote the file, which may be another one than was meant.
        throw policyRefused([{ pointer: '', message: `${path} is not valid JSON` }])
      }
    }
  })
}
