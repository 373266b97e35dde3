import { createRelease } from '../../lib/release/release.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import type { Customer } from '../../example-app/customers/schema.js'
import { POLICY } from '../issuer.js'
import { workload, WORKLOADS } from '../workloads.js'

/** Each view's serializer; an admin sees everything, so theirs is Fastify's own. */
export function serializerParts (customers: readonly Customer[]): Record<string, () => unknown> {
  return Object.fromEntries(WORKLOADS.flatMap(name => {
    const { schema, value } = workload(name, customers)
    const release = createRelease(schema.response[200] as unknown as JsonSchema)
    return (['salesperson', 'admin'] as const).map(role => {
      const serialize = release.serializerFor(POLICY.current.readableBy(POLICY.current.document.roles[role]!))
      return [`serializer: ${name}, ${role}`, () => serialize(value)]
    })
  }))
}
