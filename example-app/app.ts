import { storeCredentialProvider } from 'fastify-keyhole'
import resourceGuard from 'fastify-keyhole/resource-guard'
import { openStore } from 'fastify-keyhole/store'
import tokenEndpoint from 'fastify-keyhole/token-endpoint'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { apiDescription } from './api-description.js'
import { ClientClaimsSchema } from './client-claims.js'
import { readConfig, type Config } from './config.js'
import { createCustomers } from './customers/customers.js'
import { openCustomerDatabase } from './customers/database.js'
import { customerRoutes } from './customers/routes.js'
import { databaseUrls } from './database-urls.js'
import { createDemoClients, demoClientsInUse, readDemoClients, type DemoClient } from './demo-clients.js'
import { readPolicy } from './policy.js'

export type AppOptions = Pick<Config, 'dataDir' | 'databaseUrl' | 'publicUrl'>

declare module 'fastify' {
  interface FastifyInstance {
    /** The demo clients whose published credentials are good here: while there are any, nobody else should reach the application. */
    demoClients: readonly DemoClient[]
  }
}

/**
 * The whole application: customers behind a guard, tokens for them, API description, health. Without options it takes
 * what the environment says, as for the command `keyhole`.
 */
export default fp(customerApp, { name: 'customer-app', fastify: '5.x' })

async function customerApp (app: FastifyInstance, options: Partial<AppOptions>): Promise<void> {
  const { publicUrl, ...place } = isComplete(options) ? options : readConfig(process.env)
  const urls = await databaseUrls(place)
  const store = await openStore(urls.store)
  app.addHook('onClose', async () => await store.close())
  const customerDatabase = await openCustomerDatabase(urls.customers)
  app.addHook('onClose', async () => await customerDatabase.destroy())

  const demoClients = await readDemoClients()
  await createDemoClients(store, demoClients)
  app.decorate('demoClients', await demoClientsInUse(store, demoClients))

  const policy = await readPolicy()
  const issuer = publicUrl
  const audience = `${publicUrl}/customers`

  app.setNotFoundHandler(notFound)
  await app.register(apiDescription, { policy })
  await app.register(tokenEndpoint, {
    issuer, audience, policy, store, credentialProvider: storeCredentialProvider(store), subjectClaims: ClientClaimsSchema
  })
  app.get('/health', { schema: { summary: 'Tells that the application is up', tags: ['operation'] } }, async () => ({ status: 'up' }))
  await app.register(async api => {
    await api.register(resourceGuard, { issuer, audience, policy, store })
    await api.register(customerRoutes, { customers: createCustomers(customerDatabase) })
  })
}

function isComplete (options: Partial<AppOptions>): options is AppOptions {
  return options.dataDir !== undefined && options.publicUrl !== undefined
}

/** Unlike Fastify's own, it repeats the URL neither in the answer nor in the log: a secret may have strayed into it. */
function notFound (_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ statusCode: 404, error: 'Not Found', message: 'Not Found' })
}
