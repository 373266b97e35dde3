import type { FastifyInstance } from 'fastify'
import resourceGuard from '../../../plugins/resource-guard.js'
import { GUARD } from '../../plugins/resource-guard-app.js'

/** An application that does not boot, though every field has a claim set. */
export default async function misscoped (app: FastifyInstance): Promise<void> {
  await app.register(resourceGuard, GUARD)
  app.get('/x', { config: { keyhole: { scope: 'profil' } } }, async () => null)
}
