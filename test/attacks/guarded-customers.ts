import Fastify, { type FastifyInstance, type FastifyServerOptions, type InjectOptions, type LightMyRequestResponse } from 'fastify'
import { Type } from '@sinclair/typebox'
import type { Test } from 'tap'
import { ANY_TOKEN, claimSet, createPolicy, resourceGuard, type Policy } from 'fastify-keyhole'
import { openStore } from 'fastify-keyhole/store'
import { tokenFor } from 'fastify-keyhole/testing'

/** A customer API behind the real guard, with an embedded store, as an application has it. */

const SETS = { profile_claims: {}, address_claims: {}, banking_claims: {} }

export const DOCUMENT = {
  claimSets: SETS,
  scopes: {
    ...Object.fromEntries(['profile', 'address', 'banking'].map(name => [name, { reads: [`${name}_claims`] }])),
    ...Object.fromEntries(['profile', 'address', 'banking'].map(name => [`${name}:write`, { writes: [`${name}_claims`] }]))
  },
  roles: { clerk: ['profile'], manager: ['profile', 'address'] }
}

/** Stands in withheld fields, and nowhere else. */
export const SECRET = 'SECRET-4711'

export const Customer = Type.Object({
  id: claimSet(ANY_TOKEN, Type.String()),
  name: claimSet('profile_claims', Type.String()),
  banking: claimSet('banking_claims', Type.Object({ iban: Type.String(), balance: Type.Number() }))
})

export interface Row { id: string, name: string, banking: { iban: string, balance: number } }

export function jane (banking: Partial<Row['banking']> = {}): Row {
  return { id: 'c1', name: 'Jane', banking: { iban: SECRET, balance: 1, ...banking } }
}

export interface Api {
  readonly app: FastifyInstance
  readonly policy: Policy
  /** What was logged, as text. */
  readonly log: () => string
  /** With a token of these scopes. */
  request (scope: string, options: InjectOptions | string): Promise<LightMyRequestResponse>
}

/** An application whose guarded context has these routes. */
export async function guardedApi (t: Test, routes: (api: FastifyInstance) => unknown, server: FastifyServerOptions = {}): Promise<Api> {
  const lines: string[] = []
  const app = Fastify({ logger: { level: 'trace', stream: { write: (line: string) => { lines.push(line) } } }, ...server }) as unknown as FastifyInstance
  const store = await openStore('sqlite::memory:')
  t.teardown(async () => {
    await app.close()
    await store.close()
  })
  const policy = createPolicy(DOCUMENT)
  await app.register(async api => {
    await api.register(resourceGuard, { issuer: 'https://auth.example.com', audience: 'https://api.example.com', policy, store })
    await routes(api)
  })
  return {
    app,
    policy,
    log: () => lines.join(''),
    async request (scope, options) {
      const { headers, ...rest } = typeof options === 'string' ? { url: options } : options
      return app.inject({ ...rest, headers: { authorization: `Bearer ${await tokenFor(app, { scope })}`, ...headers } })
    }
  }
}

/** Everything of an answer that reaches its client, but for the time of day. */
export function wire ({ statusCode, headers, rawPayload, trailers }: LightMyRequestResponse) {
  const { date, ...rest } = headers
  return { statusCode, headers: rest, body: rawPayload.toString('latin1'), trailers }
}
