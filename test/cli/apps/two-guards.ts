import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { claimSet } from '../../../lib/release/annotation.js'
import resourceGuard from '../../../plugins/resource-guard.js'
import { GUARD } from '../../plugins/resource-guard-app.js'

/** An application that does not boot for what stands behind each of its two guards; a claim set is named like the words for one that is missing. */
export default async function twoGuards (app: FastifyInstance): Promise<void> {
  const respond = (name: string, schema: object) => async (api: FastifyInstance) => {
    await api.register(resourceGuard, GUARD)
    api.get(name, { schema: { response: { 200: schema } } }, async () => ({}))
  }
  await app.register(respond('/orders', Type.Object({ total: Type.Number() })))
  await app.register(respond('/customers', Type.Object({ nickname: Type.String(), 'a: no claim set on b': claimSet('profil_claims', Type.String()) })))
}
