import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { claimSet } from '../../../lib/release/annotation.js'
import resourceGuard from '../../../plugins/resource-guard.js'
import { GUARD } from '../../plugins/resource-guard-app.js'
import { ORDERS_POLICY } from './orders-policy.js'

/** An application with a route that takes only tokens bound to a key. */
export default async function bound (app: FastifyInstance): Promise<void> {
  await app.register(resourceGuard, { ...GUARD, policy: ORDERS_POLICY })
  const schema = { response: { 200: Type.Object({ amount: claimSet('price_claims', Type.Number()) }) } }
  app.get('/payments', { schema, config: { keyhole: { dpop: { required: true } } } }, async () => ({ amount: 0 }))
  app.get('/prices', { schema }, async () => ({ amount: 0 }))
}
