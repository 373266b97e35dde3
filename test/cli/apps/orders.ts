import { Type } from '@sinclair/typebox'
import type { FastifyInstance } from 'fastify'
import { ANY_TOKEN, claimSet } from '../../../lib/release/annotation.js'
import resourceGuard from '../../../plugins/resource-guard.js'
import { GUARD } from '../../plugins/resource-guard-app.js'
import { ORDERS_POLICY } from './orders-policy.js'

const Line = Type.Object({ article: claimSet('order_claims', Type.String()), price: claimSet('price_claims', Type.Number()) })

const Order = Type.Object({
  id: claimSet(ANY_TOKEN, Type.String()),
  lines: Type.Array(Line),
  margin: claimSet('price_claims', Type.Object({ currency: claimSet(ANY_TOKEN, Type.String(), { revealsParent: true }), rate: Type.Number() })),
  payer: claimSet('audit_claims', Type.Union([
    Type.Object({ kind: claimSet('audit_claims', Type.Literal('card')), holder: claimSet('order_claims', Type.String()) }),
    Type.Object({ kind: claimSet('audit_claims', Type.Literal('bank')), bank: claimSet('order_claims', Type.String()) })
  ]), { revealsBranch: true })
})

const handler = async () => ({})

/** An application with every kind of route that a report tells of. */
export default async function orders (app: FastifyInstance, { prefix = '' }: { readonly prefix?: string }): Promise<void> {
  app.get('/unguarded', handler)
  await app.register(async api => {
    await api.register(resourceGuard, { ...GUARD, policy: ORDERS_POLICY })
    api.get(`${prefix}/orders/:id`, {
      schema: { response: { 200: Order, 404: { content: { 'application/json': { schema: Type.Object({ reason: claimSet(ANY_TOKEN, Type.String()) }) } } } } },
      config: { keyhole: { scope: 'orders' } }
    }, handler)
    api.put(`${prefix}/orders/:id`, {
      schema: { body: Type.Object({ lines: Type.Array(Line) }, { additionalProperties: false }), response: { 204: Type.Null() } },
      config: { keyhole: { scope: ['orders:write', 'prices:write'] } }
    }, handler)
    api.get(`${prefix}/orders`, {
      schema: {
        querystring: Type.Object({ page: Type.Integer(), minPrice: Type.Optional(claimSet('price_claims', Type.Number())) }),
        response: { 200: Type.Array(claimSet('order_claims', Type.String())) }
      }
    }, handler)
    api.get(`${prefix}/export`, { config: { keyhole: { scope: 'orders', release: { raw: 'the bank reads CSV' } } } }, handler)
    api.get(`${prefix}/terms`, { config: { keyhole: { public: true } } }, handler)
    api.delete(`${prefix}/orders/:id`, handler)
  })
}
