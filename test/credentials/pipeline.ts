import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { ContractTest } from '../../lib/testing/provider-subject.js'

/** An external system that verifies credentials, on a socket. */
export interface Pipeline {
  readonly url: string
  /** By client id, a secret and an API key, separated by a space, that hold. */
  readonly secrets: Record<string, readonly string[]>
  /** What it answers from now on, in place of what is right. */
  answer: ((response: ServerResponse, asked: Question) => void) | undefined
  /** What it was asked, in order. */
  readonly asked: Question[]
}

export interface Question {
  readonly method: string | undefined
  readonly url: string | undefined
  readonly headers: IncomingHttpHeaders
  readonly body: { readonly clientId: string, readonly clientSecret?: string, readonly apiKey?: string, readonly clientAssertion?: string }
  /** Aborted when who asked has hung up. */
  readonly hungUp: AbortSignal
}

export async function servePipeline (t: Pick<ContractTest, 'after'>, tls?: TlsOptions): Promise<Pipeline> {
  const secrets: Pipeline['secrets'] = Object.create(null)
  const pipeline: Pipeline = { url: '', secrets, answer: undefined, asked: [] }
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const controller = new AbortController()
    response.once('close', () => controller.abort())
    const { method, url, headers } = request
    const body = JSON.parse(await text(request))
    const asked: Question = { method, url, headers, body, hungUp: controller.signal }
    pipeline.asked.push(asked)
    if (pipeline.answer !== undefined) pipeline.answer(response, asked)
    else decide(response, asked, secrets)
  }
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return Object.assign(pipeline, { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}/verify` })
}

/** The right answer: a principal, or 401. */
export function decide (response: ServerResponse, { body: { clientId, clientSecret, apiKey } }: Question, secrets: Pipeline['secrets']): void {
  const holds = secrets[clientId]?.includes(`${clientSecret} ${apiKey}`) === true
  response.writeHead(holds ? 200 : 401, { 'content-type': 'application/json' })
    .end(JSON.stringify(holds ? { clientId, roles: [`${clientId}-role`], claims: { name: clientId } } : { error: 'wrong' }))
}

async function text (request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}
