import { once } from 'node:events'
import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'

/** Sends these bytes to the application over a socket of its own and gives all that comes back until the server closes. */
export async function rawRequest (app: FastifyInstance, bytes: string | Buffer): Promise<string> {
  const { port } = app.server.address() as { port: number }
  const socket = connect({ port, host: '127.0.0.1' })
  const chunks: Buffer[] = []
  socket.on('data', chunk => { chunks.push(chunk) })
  socket.write(bytes)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString('latin1')
}

/** A request as HTTP/1.1 has it, after which the server closes. */
export function requestBytes (line: string, headers: Readonly<Record<string, string>> = {}, body = ''): string {
  const fields = { host: 'api.example.com', connection: 'close', ...headers, ...(body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) }) }
  return `${line} HTTP/1.1\r\n${Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`
}
