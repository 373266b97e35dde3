import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { hashSecret } from '../../../lib/credentials/secret.js'
import { openStore } from '../../../lib/store/open-store.js'
import { forkProgram } from '../../fork-program.js'
import type { TestDatabase } from '../databases.js'

const WRITER = fileURLToPath(new URL('writer.ts', import.meta.url))

/** Changes in the midst of which a process is killed. */
const WRITES = 200

/** How often one is killed: `npm run test:long` sets more. */
const ROUNDS = Number(process.env['KEYHOLE_KILLS'] ?? 3)

interface Told {
  readonly ready?: true
  readonly created?: string
  readonly clientSecret?: string
  readonly apiKey?: string
  readonly rotated?: string
  readonly secret?: string
  readonly published?: string
  readonly disabled?: string
}

/** A process that is killed while it writes. */
export function killedSuite (t: Test, database: TestDatabase): void {
  t.test(`killed in the middle of ${WRITES} changes, ${ROUNDS} times → nothing that was acknowledged is lost, nothing is half done`, async t => {
    const url = await database.url(t)
    const store = await openStore(url)
    t.teardown(store.close)
    for (let round = 0; round < ROUNDS; round++) {
      const acknowledged: Told[] = []
      // Each is killed elsewhere.
      const last = Math.round((round + 0.5) * WRITES / ROUNDS)
      const writer = forkProgram(WRITER, [url, `${round}`])
      writer.on('message', (told: Told) => {
        if (told.ready) return
        acknowledged.push(told)
        if (acknowledged.length === last) writer.kill('SIGKILL')
      })
      t.strictSame((await once(writer, 'exit'))[1], 'SIGKILL')

      const clients = new Map((await store.clients.list()).map(client => [client.id, client]))
      const secrets = new Map<string, string>()
      for (const { created, clientSecret, rotated, secret, disabled } of acknowledged) {
        if (created !== undefined) secrets.set(created, clientSecret!)
        if (rotated !== undefined) secrets.set(rotated, secret!)
        if (disabled !== undefined && clients.get(disabled)?.disabled !== true) t.fail(`${disabled} is not disabled`)
      }
      for (const [id, secret] of secrets) {
        const { clientSecretHashes, apiKeyHashes } = (await store.credentials.find(id))!
        // The last rotation may have been made without having been told.
        if (!clientSecretHashes.includes(hashSecret(secret)) || apiKeyHashes.length !== 1) t.fail(`${id} has lost its credentials`)
      }
      const versions = (await store.policies.history()).map(({ version }) => version)
      for (const { published } of acknowledged) if (published !== undefined && !versions.includes(published)) t.fail(`${published} is lost`)
      const revoked = (await store.revocations.since(0)).revocations.flatMap(revocation => revocation.kind === 'client' ? [revocation.clientId] : [])
      for (const { id, disabled, clientSecrets, apiKeys } of clients.values()) {
        if (disabled !== revoked.includes(id) || clientSecrets.length < 1 || apiKeys.length !== 1) t.fail(`${id} is half done`)
      }
      t.ok(acknowledged.length >= last, `${acknowledged.length} changes were acknowledged`)
    }
    await store.clients.create({ id: 'after', roles: ['viewer'] })
  })
}
