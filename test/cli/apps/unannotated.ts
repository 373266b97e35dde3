import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { claimSet } from '../../../lib/release/annotation.js'
import resourceGuard from '../../../plugins/resource-guard.js'
import { GUARD } from '../../plugins/resource-guard-app.js'

/** An application that does not boot, since fields of it have no claim sets. */
export default async function unannotated (app: FastifyInstance): Promise<void> {
  await app.register(resourceGuard, GUARD)
  const Customer = Type.Object({
    id: Type.String(),
    tags: Type.Array(Type.String()),
    name: claimSet('profil_claims', Type.String()),
    address: Type.Object({ 'zip-code': Type.String() })
  })
  app.get('/customers/:id', { schema: { response: { 200: Customer } } }, async () => ({}))
  app.put('/note', { schema: { body: Type.String(), response: { 204: Type.Null() } } }, async () => null)
}
