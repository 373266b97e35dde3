import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Customer } from '../../example-app/customers/schema.js'
import { createApp } from '../app.js'
import type { Issued } from '../issuer.js'
import { workload } from '../workloads.js'

/** Whole requests from the router to the end of the answer, on a request and a response without a socket. */
export async function requestParts ({ jwks, tokens }: Issued, customers: readonly Customer[]): Promise<Record<string, () => unknown>> {
  const parts: Record<string, () => unknown> = {}
  for (const name of ['one record', 'one customer'] as const) {
    const asked = workload(name, customers)
    const { path, expected } = asked
    const bare = await createApp(asked, false, jwks)
    const guarded = await createApp(asked, true, jwks)
    parts[`request: ${name}, bare`] = await asking(bare, path, {}, expected('admin'))
    parts[`request: ${name}, salesperson`] = await asking(guarded, path, { authorization: `Bearer ${tokens.salesperson}` }, expected('salesperson'))
    parts[`request: ${name}, admin`] = await asking(guarded, path, { authorization: `Bearer ${tokens.admin}` }, expected('admin'))
  }
  return parts
}

async function asking (app: FastifyInstance, url: string, headers: Record<string, string>, expected: string): Promise<() => Promise<void>> {
  await app.ready()
  const socket = new Socket()
  let body: unknown
  const ask = async () => {
    const request = Object.assign(new IncomingMessage(socket), { method: 'GET', url, headers: { host: 'localhost', ...headers } })
    await new Promise<void>(resolve => {
      app.routing(request, new Answer(request, chunk => {
        body = chunk
        resolve()
      }))
    })
  }
  await ask()
  if (body !== expected) throw new Error(`${url}: wrong answer: ${body}`)
  return ask
}

/** A response that keeps its body and sends nothing. */
class Answer extends ServerResponse {
  constructor (request: IncomingMessage, private readonly done: (body: unknown) => void) {
    super(request)
  }

  override write (chunk: unknown): boolean {
    this.done(chunk)
    return true
  }

  override end (chunk?: unknown): this {
    if (typeof chunk === 'string') this.done(chunk)
    return this
  }
}
