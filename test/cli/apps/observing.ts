import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { ANY_TOKEN, claimSet } from '../../../lib/release/annotation.js'
import resourceGuard from '../../../plugins/resource-guard.js'
import { GUARD } from '../../plugins/resource-guard-app.js'

/** Within a month of today. */
export const UNTIL = new Date(Date.now() + 30 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10)

/** An application that is brought in: it boots, though not every field has a claim set. */
export default async function observing (app: FastifyInstance): Promise<void> {
  await app.register(resourceGuard, { ...GUARD, observe: { until: UNTIL } })
  const Customer = Type.Object({ id: claimSet(ANY_TOKEN, Type.String()), nickname: Type.String(), name: claimSet('profil_claims', Type.String()) })
  app.get('/customers/:id', { schema: { response: { 200: Customer } } }, async () => ({}))
  app.get('/export', { config: { keyhole: { release: { raw: 'the bank reads CSV' } } } }, async () => '')
  app.get('/terms', { config: { keyhole: { public: true } } }, async () => '')
}
