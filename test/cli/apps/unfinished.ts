import type { FastifyInstance } from 'fastify'
import resourceGuard from '../../../plugins/resource-guard.js'
import { GUARD } from '../../plugins/resource-guard-app.js'

/** An application that does not boot for nothing but a missing claim set. */
export default async function unfinished (app: FastifyInstance): Promise<void> {
  await app.register(resourceGuard, GUARD)
  app.get('/x', { schema: { response: { 200: { type: 'string' } } } }, async () => null)
}
