import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { storeCredentialProvider, tokenEndpoint } from 'fastify-keyhole'
import { openStore, type Store } from 'fastify-keyhole/store'
import { readPrivateKey } from '../lib/keys/private-key.js'
import { AUDIENCE, ISSUER, POLICY } from './issuer.js'
import { TOKEN_LIFETIME, type Issuance, type TokenProgram } from './token-requests.js'

/** How long a token that is given again must have left, in seconds. */
const REMAINING = 60

/** Our token endpoint as it comes: API key, limits, revocations; one of them gives a client its token again. */
export async function createTokenApp (program: TokenProgram, issuance: Issuance): Promise<FastifyInstance> {
  const store = await openTokenStore(program, issuance)
  const app = Fastify()
  await app.register(tokenEndpoint, {
    issuer: ISSUER,
    audience: AUDIENCE,
    policy: POLICY,
    store,
    credentialProvider: storeCredentialProvider(store),
    tokenLifetime: TOKEN_LIFETIME,
    ...(program === 'ours, reused' && { reuseTokens: { remaining: REMAINING } })
  })
  app.addHook('onClose', async () => { await store.close() })
  return app
}

/** A store with the clients and the key. */
export async function openTokenStore (program: TokenProgram, { privateJwk, clients }: Issuance): Promise<Store> {
  const store = await openStore(program === 'ours, memory' ? 'sqlite::memory:' : `sqlite:${join(ownFolder(), 'keyhole.db')}`)
  await store.keys.addActive(readPrivateKey(JSON.stringify(privateJwk)), Math.floor(Date.now() / 1000))
  for (const { id, role, secret, apiKey } of clients) await store.clients.create({ id, roles: [role], clientSecret: secret, apiKey })
  return store
}

/** It is gone when the process is. */
function ownFolder (): string {
  const folder = mkdtempSync(join(tmpdir(), 'keyhole-bench-'))
  process.once('exit', () => { rmSync(folder, { recursive: true, force: true }) })
  return folder
}
