import type { FastifyInstance } from 'fastify'
import resourceGuard from '../../../plugins/resource-guard.js'
import { GUARD } from '../../plugins/resource-guard-app.js'

/** A guard for tokens of another issuer, whose policy knows no roles. */
export default async function roleless (app: FastifyInstance): Promise<void> {
  await app.register(resourceGuard, GUARD)
  app.get('/x', async () => null)
}
