import type { Customer } from '../example-app/customers/schema.js'
import type { JWKSet } from 'fastify-keyhole'
import { createApp } from './app.js'
import { workload, type WorkloadName } from './workloads.js'

/** What the process that measures sends to the one that serves. */
export interface Launch {
  readonly workload: WorkloadName
  readonly customers: readonly Customer[]
  readonly guarded: boolean
  readonly jwks: JWKSet
}

/** What comes back: the address once, and then, for each message, the processor time used so far, in microseconds. */
export type Report = { readonly url: string } | { readonly processorTime: number }

const report = (what: Report) => process.send!(what)

process.once('message', async ({ workload: name, customers, guarded, jwks }: Launch) => {
  const app = await createApp(workload(name, customers), guarded, jwks)
  const url = await app.listen({ host: '127.0.0.1', port: 0 })
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    report({ processorTime: user + system })
  })
  process.once('disconnect', () => process.exit())
  report({ url })
})
