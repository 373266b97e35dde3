import { apiKeyCheck } from './api-keys.js'
import { createHashingQueue } from './password-hash/hashing-queue.js'
import type { PasswordHash } from './password-hash/password-hash.js'
import { readHash } from './password-hash/read-hash.js'
import { hashPassword } from './password-hash/scrypt.js'
import { isPresentable } from './presentable.js'
import { reported } from './provider-event.js'
import type { CredentialProvider } from './provider.js'
import type { SecretKind } from './secret.js'
import { clientOf } from './sql-table/client-row.js'
import { createHashCheck } from './sql-table/hash-check.js'
import { checkSqlOptions, type SqlProviderOptions } from './sql-table/options.js'

/** An id of nobody, in the place of one that no table can have: some databases fail at a NUL. */
const NOBODY = 'nobody'

/** How many are hashed for at once, of Node's four threads. */
const CONCURRENCY = 2

/**
 * Checks clients' secrets against a table of the company's own, which keeps their hashes: scrypt, Argon2id, bcrypt and
 * PBKDF2, told apart by how they begin. Whatever is wrong, the answer is null after the same query and the same hashing.
 * A row that cannot be right, a hash of an unknown kind or one that costs too much is "cannot tell".
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option and what to write.
 */
export function sqlCredentialProvider<DB> (options: SqlProviderOptions<DB>): CredentialProvider {
  checkSqlOptions(options)
  const { db, query, apiKeys, requireApiKey, upgrade, log, concurrency = CONCURRENCY } = options
  const apiKeyHolds = apiKeys === 'query' ? undefined : apiKeyCheck('sqlCredentialProvider', { ...(apiKeys && { apiKeys }), ...(requireApiKey !== undefined && { requireApiKey }) })
  const inTurn = createHashingQueue(concurrency)
  const secretHash = createHashCheck()
  const apiKeyHash = createHashCheck()

  const find = async (clientId: string) => {
    const database: DB = isFunction(db) ? await db() : db
    const answer = query(isPresentable(clientId) ? clientId : NOBODY, database)
    const client = clientOf(clientId, await ('execute' in answer ? answer.execute() : answer), Date.now() / 1000)
    const read = (hashes: readonly string[] = []) => hashes.map(hash => readNamed(clientId, hash))
    return { client, secrets: read(client?.secretHashes), keys: read(client?.apiKeyHashes) }
  }

  const improve = async (clientId: string, kind: SecretKind, found: PasswordHash | undefined, secret: string | undefined, signal: AbortSignal) => {
    if (upgrade === undefined || found?.isOutdated !== true || secret === undefined) return
    try {
      await upgrade(clientId, await inTurn(signal, () => hashPassword(secret)), { kind, hash: found.text })
    } catch (error) {
      log?.warn({ clientId, kind, reason: (error as Error).message }, 'a better hash could not be kept')
    }
  }

  return Object.freeze<CredentialProvider>({
    async verify (credentials, context) {
      return await reported({ provider: 'sql', context }, async () => {
        const { clientId } = credentials
        const clientSecret = isPresentable(credentials.clientSecret) ? credentials.clientSecret : undefined
        const apiKey = isPresentable(credentials.apiKey) ? credentials.apiKey : undefined
        const { client, secrets, keys } = await find(clientId)
        const [secret, key] = await inTurn(context.signal, async () => [
          await secretHash(clientSecret, secrets),
          apiKeyHolds === undefined ? await apiKeyHash(apiKey, keys) : undefined
        ])
        const hasApiKey = apiKeyHolds === undefined ? key !== undefined : await apiKeyHolds(clientId, credentials.apiKey, context)
        if (client === null || client.disabled || secret === undefined || !hasApiKey) return null
        await improve(clientId, 'client_secret', secret, clientSecret, context.signal)
        await improve(clientId, 'api_key', key, apiKey, context.signal)
        return { clientId, roles: client.roles }
      })
    }
  })
}

function readNamed (clientId: string, hash: string): PasswordHash {
  try {
    return readHash(hash)
  } catch (error) {
    throw new Error(`a hash of the client '${clientId}' cannot be checked: ${(error as Error).message}`)
  }
}

function isFunction<T> (value: T | (() => T | Promise<T>)): value is () => T | Promise<T> {
  return typeof value === 'function'
}
