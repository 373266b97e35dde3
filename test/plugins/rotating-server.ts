import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import { openStore } from '../../lib/store/open-store.js'
import resourceGuard from '../../plugins/resource-guard.js'
import tokenEndpoint from '../../plugins/token-endpoint.js'
import { AUDIENCE, ISSUER, POLICY } from './token-endpoint-app.js'

/** A process beside the test: a token endpoint that rotates its keys every few seconds, and a guarded route. It tells its port. */
const [url, rotateEvery, announce] = process.argv.slice(2) as [string, string, string]

const store = await openStore(url)
const app = Fastify()
await app.register(tokenEndpoint, {
  issuer: ISSUER,
  audience: AUDIENCE,
  policy: POLICY,
  store,
  credentialProvider: storeCredentialProvider(store),
  keys: { rotateEvery: Number(rotateEvery), announce: Number(announce) }
})
await app.register(async api => {
  await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy: POLICY, store })
  api.get('/thing', { schema: { response: { 200: Type.Object({ id: claimSet(ANY_TOKEN, Type.String()) }) } } }, async () => ({ id: '1' }))
})
process.send!(await app.listen({ host: '127.0.0.1', port: 0 }))
process.once('disconnect', () => process.exit())
