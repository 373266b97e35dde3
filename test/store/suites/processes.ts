import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { hashSecret } from '../../../lib/credentials/secret.js'
import { openKeyRing } from '../../../lib/keys/key-ring.js'
import { openStore } from '../../../lib/store/open-store.js'
import { forkProgram } from '../../fork-program.js'
import type { TestDatabase } from '../databases.js'

interface Outcome { readonly kid: string, readonly won: boolean, readonly secrets: readonly string[] }

const OPENER = fileURLToPath(new URL('opener.ts', import.meta.url))

async function message<T> (child: ChildProcess): Promise<T> {
  const [what] = await Promise.race([once(child, 'message'), once(child, 'exit').then(([code]) => { throw new Error(`the process ended with ${code}`) })])
  return what
}

/** Several processes that start at once. */
export function processesSuite (t: Test, database: TestDatabase): void {
  t.test('E2, E31 four processes open one new file at once → all succeed, with one key; what one writes all keep', async t => {
    const url = await database.url(t)
    const children = ['a', 'b', 'c', 'd'].map(name => forkProgram(OPENER, [url, name]))
    t.teardown(() => children.forEach(child => child.kill()))
    await Promise.all(children.map(child => message(child)))
    const outcomes = await Promise.all(children.map(child => {
      child.send('go')
      return message<Outcome>(child)
    }))

    t.equal(new Set(outcomes.map(({ kid }) => kid)).size, 1)
    t.equal(outcomes.filter(({ won }) => won).length, 1)

    const store = await openStore(url)
    t.teardown(store.close)
    t.equal((await openKeyRing(store.keys)).signingKey.kid, outcomes[0]?.kid)
    t.equal((await store.keys.list()).length, 1)
    t.strictSame((await store.clients.list()).map(({ id }) => id), ['a', 'b', 'c', 'd', 'shared'])

    const hashes = (await store.credentials.find('shared'))!.clientSecretHashes
    const given = outcomes.flatMap(({ secrets }) => secrets.map(hashSecret))
    t.equal(new Set(given).size, 40)
    t.equal(hashes.length, 2)
    t.ok(hashes.every(hash => given.includes(hash)), 'the two that are left were given to somebody')
    t.ok(outcomes.some(({ secrets }) => hashSecret(secrets.at(-1)!) === hashes[0]), 'the current one is somebody\'s last')
  })
}
