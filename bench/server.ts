import type { Customer } from '../example-app/customers/schema.js'
import type { JWKSet } from 'fastify-keyhole'
import { createApp, type Size } from './app.js'
import type { Program } from './contestants.js'
import { serve } from './serve.js'
import { createTokenApp } from './token-app.js'
import type { Issuance, TokenProgram } from './token-requests.js'
import { workload, type WorkloadName } from './workloads.js'

/** What the process that measures sends to the one that serves. */
export type Launch = RouteLaunch | TokenLaunch

export interface RouteLaunch {
  readonly kind: 'route'
  readonly program: Program
  readonly workload: WorkloadName
  readonly customers: readonly Customer[]
  readonly jwks: JWKSet
  readonly size: Size
}

export interface TokenLaunch {
  readonly kind: 'token'
  readonly program: TokenProgram
  readonly issuance: Issuance
}

serve(async (launch: Launch) => {
  const app = launch.kind === 'token'
    ? await createTokenApp(launch.program, launch.issuance)
    : await createApp(workload(launch.workload, launch.customers), launch.program === 'ours', launch.jwks, launch.size)
  return await app.listen({ host: '127.0.0.1', port: 0 })
})
