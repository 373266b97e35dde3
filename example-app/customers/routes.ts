import { Type, type FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import type { Customers } from './customers.js'
import { CustomerUnknownError } from './errors.js'
import { CustomerChangesSchema, CustomerPageSchema, CustomerSchema } from './schema.js'

/** Customers of a page at most. */
const MAX_PAGE_SIZE = 1000

/** So that the place of its first customer is a whole number to the database, too. */
const MAX_PAGE = 1_000_000

/** For the API description. */
const DESCRIBED = { tags: ['customers'] }

const params = Type.Object({ id: Type.String() })

const paging = Type.Object({
  page: Type.Integer({ minimum: 1, maximum: MAX_PAGE, default: 1 }),
  pageSize: Type.Integer({ minimum: 1, maximum: MAX_PAGE_SIZE, default: 20 })
})

/** The customer API. Handlers give whole customers: what of them leaves, the guard around these routes decides. */
export const customerRoutes: FastifyPluginAsyncTypebox<{ customers: Customers }> = async (api, { customers }) => {
  api.get('/customers', {
    schema: { summary: 'Lists customers', ...DESCRIBED, querystring: paging, response: { 200: CustomerPageSchema } }
  }, async ({ query: { page, pageSize } }) => await customers.page(page, pageSize))

  api.get('/customers/:id', {
    schema: { summary: 'Gives one customer', ...DESCRIBED, params, response: { 200: CustomerSchema } }
  }, async ({ params: { id } }) => found(await customers.find(id)))

  api.patch('/customers/:id', {
    schema: { summary: 'Changes a customer', ...DESCRIBED, params, body: CustomerChangesSchema, response: { 200: CustomerSchema } }
  }, async ({ params: { id }, body }) => found(await customers.change(id, body)))
}

function found<T> (customer: T | undefined): T {
  if (customer === undefined) throw new CustomerUnknownError()
  return customer
}
