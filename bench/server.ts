import type { Customer } from '../example-app/customers/schema.js'
import type { JWKSet } from 'fastify-keyhole'
import { createApp, type Size } from './app.js'
import type { Program } from './contestants.js'
import { serve } from './serve.js'
import { workload, type WorkloadName } from './workloads.js'

/** What the process that measures sends to the one that serves. */
export interface Launch {
  readonly program: Program
  readonly workload: WorkloadName
  readonly customers: readonly Customer[]
  readonly jwks: JWKSet
  readonly size: Size
}

serve(async ({ program, workload: name, customers, jwks, size }: Launch) => {
  const app = await createApp(workload(name, customers), program === 'ours', jwks, size)
  return await app.listen({ host: '127.0.0.1', port: 0 })
})
