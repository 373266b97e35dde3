import Fastify, { type FastifyInstance } from 'fastify'
import { resourceGuard, type JWKSet } from 'fastify-keyhole'
import { AUDIENCE, ISSUER, POLICY } from './issuer.js'
import type { Workload } from './workloads.js'

/** An application with one route, behind a guard that takes the tokens of `jwks` or without any security. */
export async function createApp ({ route, schema, answer }: Workload, guarded: boolean, jwks: JWKSet): Promise<FastifyInstance> {
  const app = Fastify()
  // The bare route stands in a context of its own too: an application without any `register` is some microseconds faster.
  await app.register(async api => {
    if (guarded) await api.register(resourceGuard, { issuer: ISSUER, audience: AUDIENCE, policy: POLICY, jwks })
    api.get<{ Params: { id?: string } }>(route, { schema: guarded ? schema : withoutAnnotations(schema) },
      async ({ params }) => answer(params.id))
  })
  return app
}

function withoutAnnotations (schema: Workload['schema']): Workload['schema'] {
  return JSON.parse(JSON.stringify(schema, (keyword, value) => keyword === 'claimSet' ? undefined : value))
}
