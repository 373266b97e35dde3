import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { claimSet } from '../../../lib/release/annotation.js'
import resourceGuard from '../../../plugins/resource-guard.js'
import { GUARD } from '../../plugins/resource-guard-app.js'

/** An application with one field, which no scope reads. */
export default async function plain (app: FastifyInstance): Promise<void> {
  await app.register(resourceGuard, { ...GUARD, policy: { claimSets: { audit_claims: {} }, scopes: { audit: {} }, roles: { auditor: ['audit'] } } })
  app.get('/audit', { schema: { response: { 200: Type.Object({ entry: claimSet('audit_claims', Type.String()) }) } } }, async () => ({ entry: '' }))
}
