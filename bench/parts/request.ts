import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Customer } from '../../example-app/customers/schema.js'
import { createApp } from '../app.js'
import type { Asked } from '../contestants.js'
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
    const whole = { headers: {}, expected: expected('admin') }
    parts[`request: ${name}, bare`] = await asking(bare, path, [whole], isExpected)
    parts[`request: ${name}, salesperson`] = await asking(guarded, path, [{ headers: { authorization: `Bearer ${tokens.salesperson}` }, expected: expected('salesperson') }], isExpected)
    parts[`request: ${name}, admin`] = await asking(guarded, path, [{ ...whole, headers: { authorization: `Bearer ${tokens.admin}` } }], isExpected)
  }
  return parts
}

function isExpected (body: unknown, { expected }: Asked): boolean {
  return body === expected
}

/**
 * Makes the requests in turn, one each time.
 * @throws {Error} when the first answer is not what must come
 */
export async function asking (app: FastifyInstance, url: string, requests: readonly Asked[], isRight: (body: unknown, asked: Asked) => boolean): Promise<() => Promise<void>> {
  await app.ready()
  const socket = Object.defineProperty(new Socket(), 'remoteAddress', { value: '127.0.0.1' })
  let made = 0
  let answer: unknown
  const ask = async () => {
    const { headers, body } = requests[made++ % requests.length]!
    const request = Object.assign(new Arrived(socket), { method: body === undefined ? 'GET' : 'POST', url, headers: { host: 'localhost', ...headers } })
    if (body !== undefined) request.push(body)
    request.push(null)
    await new Promise<void>(resolve => {
      app.routing(request, new Answer(request, chunk => {
        answer = chunk
        resolve()
      }))
    })
  }
  await ask()
  if (!isRight(answer, requests[0]!)) throw new Error(`${url}: wrong answer: ${answer}`)
  return ask
}

/** A request all of which is there, so that nothing is read from its socket. */
class Arrived extends IncomingMessage {
  override _read (): void {}
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
