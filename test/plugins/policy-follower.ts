import Fastify from 'fastify'
import { openStore } from '../../lib/store/open-store.js'
import { tokenFor } from '../../lib/testing/token-for.js'
import resourceGuard from '../../plugins/resource-guard.js'
import { AUDIENCE, bearer, customerRoute, ISSUER } from './resource-guard-app.js'

/** A process that serves by the policy of a store, and tells its parent ten times a second what it answers. */

const store = await openStore(process.argv[2]!)
const app = Fastify()
await app.register(async api => {
  await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, store })
  customerRoute()(api)
})
const headers = bearer(await tokenFor(app, { scope: 'profile' }))
setInterval(async () => { process.send!((await app.inject({ url: '/customer', headers })).payload) }, 100)
