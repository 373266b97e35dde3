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

export interface RawAnswer { readonly status: number, readonly head: string, readonly body: string }

/** The answers in these bytes, one after another; throws where they do not end as they say. */
export function answersIn (bytes: string): RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let rest = bytes; rest !== '';) {
    const end = rest.indexOf('\r\n\r\n')
    const head = rest.slice(0, end)
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1])
    if (end === -1 || Number.isNaN(status)) throw new Error(`no answer: ${rest}`)
    const { body, length } = bodyOf(head, status, rest.slice(end + 4))
    answers.push({ status, head, body })
    rest = rest.slice(end + 4 + length)
  }
  return answers
}

function bodyOf (head: string, status: number, rest: string): { body: string, length: number } {
  if (status < 200 || status === 204 || status === 304) return { body: '', length: 0 }
  if (!/\r\ntransfer-encoding: chunked/i.test(head)) {
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1])
    if (!(rest.length >= length)) throw new Error(`the body is not as long as it says: ${head}`)
    return { body: rest.slice(0, length), length }
  }
  let body = ''
  let at = 0
  for (;;) {
    const line = rest.indexOf('\r\n', at)
    const size = parseInt(rest.slice(at, line), 16)
    at = line + 2
    if (Number.isNaN(size)) throw new Error(`a broken chunk: ${rest}`)
    body += rest.slice(at, at + size)
    at += size + 2
    if (size === 0) return { body, length: rest.startsWith('\r\n', at - 2) ? at : rest.indexOf('\r\n\r\n', at - 2) + 4 }
  }
}
