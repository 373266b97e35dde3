import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify'
import type { Test } from 'tap'
import { storeCredentialProvider } from '../../../lib/credentials/store-provider.js'
import type { PolicyDocument } from '../../../lib/policy/document.js'
import { openStore, type StoreOptions } from '../../../lib/store/open-store.js'
import tokenEndpoint from '../../../plugins/token-endpoint.js'

export const POLICY: PolicyDocument = { claimSets: { profile_claims: {} }, scopes: { profile: { reads: ['profile_claims'] } }, roles: { viewer: ['profile'] } }

/** Changes what is answered; what it returns is the body. */
type Alter = (request: FastifyRequest, reply: FastifyReply, body: string) => string

interface Setting {
  readonly tls?: { readonly key: string, readonly cert: string }
  readonly options?: StoreOptions
}

/** A real authorization server on a port of its own, with its store in a file; what it answers can be altered. */
export async function authorizationServer (t: Test, { tls, options = {} }: Setting = {}) {
  // Not the test's own folder: what makes that one anew would take this away.
  const folder = await mkdtemp(join(tmpdir(), 'keyhole-doctor-'))
  const url = `sqlite:${folder}/keyhole.db`
  const store = await openStore(url, options)
  const server = tls === undefined ? createServer() : createSecureServer(tls)
  const host = tls === undefined ? '127.0.0.1' : 'localhost'
  server.listen(0, host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const issuer = `${tls === undefined ? 'http' : 'https'}://${host}:${port}`

  const around: { alter: Alter } = { alter: (_request, _reply, body) => body }
  const app = Fastify({ serverFactory: handler => server.on('request', handler) })
  app.addHook('onSend', async (request, reply, body) => around.alter(request, reply, body as string))
  await app.register(tokenEndpoint, { issuer, audience: 'https://api.example.com', policy: POLICY, store, credentialProvider: storeCredentialProvider(store) })
  await app.ready()
  t.teardown(async () => {
    await app.close()
    // The application closes what it listens with, and it did not listen.
    server.close()
    server.closeAllConnections()
    await store.close()
    await rm(folder, { recursive: true })
  })
  return { issuer, port, url, store, around }
}
