import type { FastifyInstance } from 'fastify'
import resourceGuard from '../../../plugins/resource-guard.js'
import { GUARD } from '../../plugins/resource-guard-app.js'

/** A guard without routes. */
export default async function empty (app: FastifyInstance): Promise<void> {
  await app.register(resourceGuard, GUARD)
}
