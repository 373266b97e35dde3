import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { claimSet } from '../../lib/release/annotation.js'
import { openStore } from '../../lib/store/open-store.js'
import resourceGuard from '../../plugins/resource-guard.js'
import tokenEndpoint from '../../plugins/token-endpoint.js'
import { AUDIENCE, ISSUER } from '../plugins/token-endpoint-app.js'
import type { NodeSettings } from './nodes.js'

/** One of several processes on a store: a token endpoint, and a guarded route with one field for each of two policies. It tells where it listens. */

const { url, port = 0, policyFile, hasPoints = false } = JSON.parse(process.argv[2]!) as NodeSettings
const Customer = Type.Object({
  name: claimSet('profile_claims', Type.String()),
  city: claimSet('address_claims', Type.String()),
  ...hasPoints ? { points: claimSet('loyalty_claims', Type.Integer()) } : {}
})

const store = await openStore(url)
const policy = policyFile === undefined ? { store } : { file: policyFile }
const app = Fastify()
await app.register(tokenEndpoint, { issuer: ISSUER, audience: AUDIENCE, policy, store, credentialProvider: storeCredentialProvider(store) })
await app.register(async api => {
  await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy, store })
  api.get('/customer', { schema: { response: { 200: Customer } } }, async () => ({ name: 'Jane', city: 'Paris', ...hasPoints ? { points: 7 } : {} }))
})
process.send!(await app.listen({ host: '127.0.0.1', port }))
process.once('disconnect', () => process.exit())
