import type { FastifyInstance } from 'fastify'

/** An application that is put together, but does not get ready for a reason of its own. */
export default async function cold (app: FastifyInstance): Promise<void> {
  app.addHook('onReady', async () => { throw new Error('the cache is cold') })
}
