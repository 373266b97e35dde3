import { connect } from 'node:net'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import customerApp from '../../example-app/app.js'
import { insertCustomers, openCustomerDatabase } from '../../example-app/customers/database.js'
import type { Customer } from '../../example-app/customers/schema.js'
import { readDemoClients } from '../../example-app/demo-clients.js'

/** The example application on a real socket, for the tests about it. */
export interface RunningApp {
  readonly app: FastifyInstance
  readonly port: number
  /** An access token of this role's demo client. */
  token (role: string, scope?: string): Promise<string>
  /** Sends a request and gives every byte of the answer, head included. */
  raw (request: RawRequest): Promise<RawAnswer>
}

export interface RawRequest {
  readonly method?: string
  readonly path: string
  readonly token?: string
  readonly body?: unknown
}

export interface RawAnswer {
  readonly status: number
  readonly bytes: string
  readonly body: any
}

/** @param customers that are there beside the generated ones */
export async function runApp (t: Test, customers: readonly Customer[] = []): Promise<RunningApp> {
  const dataDir = t.testdir()
  const database = await openCustomerDatabase(`sqlite:${join(dataDir, 'customers.db')}`)
  await insertCustomers(database, customers)
  await database.destroy()

  const app = Fastify()
  t.teardown(() => app.close())
  await app.register(customerApp, { dataDir, publicUrl: 'http://127.0.0.1' })
  const port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
  return { app, port, token: (role, scope) => fetchToken(port, role, scope), raw: request => sendRaw(port, request) }
}

/** An access token of this role's demo client. */
export async function fetchToken (port: number, role: string, scope = ''): Promise<string> {
  const { client_id: id, client_secret: secret, api_key: apiKey } = (await readDemoClients()).find(client => client.role === role)!
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret, api_key: apiKey, scope })
  const response = await fetch(`http://127.0.0.1:${port}/oauth2/token`, { method: 'POST', body })
  const { access_token: token } = await response.json() as { access_token: string }
  return token
}

async function sendRaw (port: number, { method = 'GET', path, token, body }: RawRequest): Promise<RawAnswer> {
  const payload = body === undefined ? '' : JSON.stringify(body)
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: 127.0.0.1:${port}`,
    'connection: close',
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
    ...(body === undefined ? [] : ['content-type: application/json', `content-length: ${Buffer.byteLength(payload)}`])
  ]
  const socket = connect(port, '127.0.0.1')
  socket.write(`${head.join('\r\n')}\r\n\r\n${payload}`)
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  const bytes = Buffer.concat(chunks).toString()
  return {
    status: Number(bytes.slice(9, 12)),
    bytes,
    body: JSON.parse(bytes.slice(bytes.indexOf('\r\n\r\n')))
  }
}
