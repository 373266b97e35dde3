import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer, type TlsOptions } from 'node:tls'
import { gzipSync } from 'node:zlib'
import type { Test } from 'tap'

/** What can go wrong with somebody else's HTTP server, byte by byte through a real socket. */

/** What a server does with a socket that a request has come in by. */
export type Fault = (socket: Socket, elsewhere: string) => void

const MEGABYTE = 1024 * 1024

/** A whole answer with this body. */
export function answer (status: string, headers: Record<string, string>, body: string | Buffer): Buffer {
  const head = Object.entries({ ...headers, 'content-length': Buffer.byteLength(body) }).map(([name, value]) => `${name}: ${value}\r\n`).join('')
  return Buffer.concat([Buffer.from(`HTTP/1.1 ${status}\r\n${head}\r\n`), Buffer.from(body)])
}

const JSON_TYPE = { 'content-type': 'application/json' }
const sending = (bytes: string | Buffer): Fault => socket => { socket.write(bytes) }
const sendingAndEnding = (bytes: string | Buffer): Fault => socket => { socket.end(bytes) }
const sendingAndResetting = (bytes: string): Fault => socket => { socket.write(bytes, () => socket.resetAndDestroy()) }

/** Each ends by itself, or is an answer that is none. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  'the connection is reset': socket => { socket.resetAndDestroy() },
  'the connection is closed without an answer': socket => { socket.end() },
  'half a head, and closed': sendingAndEnding('HTTP/1.1 200 OK\r\nContent-Type: appl'),
  'half a body, and closed': sendingAndEnding('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"clientId":"cr'),
  'half a body, and reset': sendingAndResetting('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"clientId":"cr'),
  'chunks without an end': sendingAndEnding('HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"cli\r\n'),
  'another protocol': sendingAndEnding('SSH-2.0-OpenSSH_9.6\r\n'),
  'a head of 1 MB': sendingAndEnding(`HTTP/1.1 200 OK\r\nx-large: ${'x'.repeat(MEGABYTE)}\r\n\r\n`),
  'a body of 50 MB': socket => { pour(socket, 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 52428800\r\n\r\n', 50 * MEGABYTE) },
  'a body of 50 MB in chunks': socket => { pourChunks(socket, 50 * MEGABYTE) },
  'a gzip bomb': sending(answer('200 OK', { ...JSON_TYPE, 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(50 * MEGABYTE, ' ')))),
  'HTML with 200': sending(answer('200 OK', { 'content-type': 'text/html' }, '<!doctype html><title>Sign in</title>')),
  '200 with an empty body': sending(answer('200 OK', JSON_TYPE, '')),
  '200 with JSON cut short': sending(answer('200 OK', JSON_TYPE, '{"clientId":"crm","roles":["man')),
  '200 with bytes that are no UTF-8': sending(answer('200 OK', JSON_TYPE, Buffer.from([0x22, 0xff, 0x22]))),
  'a redirect elsewhere': (socket, elsewhere) => { socket.write(answer('302 Found', { location: elsewhere }, '')) },
  'a redirect that keeps the method': (socket, elsewhere) => { socket.write(answer('307 Temporary Redirect', { location: elsewhere }, '')) },
  '201 with an answer': sending(answer('201 Created', JSON_TYPE, '{"clientId":"crm","roles":["manager"]}')),
  '204 without an answer': sending('HTTP/1.1 204 No Content\r\n\r\n'),
  404: sending(answer('404 Not Found', JSON_TYPE, '{"error":"no such path"}')),
  429: sending(answer('429 Too Many Requests', { ...JSON_TYPE, 'retry-after': '3600' }, '{}')),
  500: sending(answer('500 Internal Server Error', JSON_TYPE, '{"error":"secret of the server"}')),
  503: sending(answer('503 Service Unavailable', { 'retry-after': '3600' }, ''))
}

/** These go on until the other side gives up: what asks must be patient for a short time alone. */
export const ENDLESS_FAULTS: Readonly<Record<string, Fault>> = {
  'no answer': () => {},
  'a head without an end': sending('HTTP/1.1 200 OK\r\nContent-Type: appl'),
  'one byte a second': socket => { drip(socket, '{"clientId":"crm","roles":["manager"]}') },
  'one byte a second of a refusal': socket => { drip(socket, '{"error":"wrong secret, as far as one can tell"}', '403 Forbidden') }
}

function drip (socket: Socket, body: string, status = '200 OK'): void {
  socket.write(`HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`)
  let sent = 0
  const timer = setInterval(() => { socket.write(body[sent++]!) }, 1000)
  socket.once('close', () => clearInterval(timer))
}

const PIECE = 64 * 1024

function pour (socket: Socket, head: string, bytes: number): void {
  pourPieces(socket, head, Buffer.alloc(PIECE, ' '), bytes)
}

function pourChunks (socket: Socket, bytes: number): void {
  const chunk = Buffer.concat([Buffer.from(`${PIECE.toString(16)}\r\n`), Buffer.alloc(PIECE, ' '), Buffer.from('\r\n')])
  pourPieces(socket, 'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n', chunk, bytes)
}

/** No faster than it is read. */
function pourPieces (socket: Socket, head: string, piece: Buffer, bytes: number): void {
  let left = bytes
  socket.write(head)
  const more = (): void => {
    while (left > 0 && !socket.destroyed) {
      left -= piece.length
      if (!socket.write(piece)) return
    }
  }
  socket.on('drain', more)
  more()
}

/** A server of which each request meets a fault. */
export interface FaultyServer {
  readonly url: string
  /** What happens from now on. */
  meet (fault: Fault): void
  /** Requests so far, as they came in. */
  readonly requests: readonly string[]
  /** Requests to another origin, where redirects lead: none, if all is well. */
  readonly elsewhere: readonly string[]
  /** Bytes written so far: what the other side did not take is not among them for long. */
  written (): number
  /** Resolves when no connection is left. */
  closed (): Promise<void>
}

/**
 * Serves faults over HTTP, or over TLS with this certificate.
 * @param t ends the server with the test
 */
export async function serveFaults (t: Pick<Test, 'teardown'>, tls?: TlsOptions): Promise<FaultyServer> {
  const elsewhere: string[] = []
  const other = await listen(t, socket => {
    socket.once('data', data => { elsewhere.push(data.toString()) })
    socket.write(answer('200 OK', JSON_TYPE, '{"clientId":"crm","roles":["admin"]}'))
  })
  const requests: string[] = []
  const open = new Set<Socket>()
  let current: Fault = () => {}
  let written = 0
  const server = await listen(t, socket => {
    open.add(socket)
    socket.once('close', () => {
      written += socket.bytesWritten
      open.delete(socket)
    })
    let received = ''
    socket.on('data', data => {
      received += data.toString()
      if (!isWhole(received)) return
      requests.push(received)
      received = ''
      current(socket, `${other}/verify`)
    })
  }, tls)
  return {
    url: `${server}/verify`,
    meet: fault => { current = fault },
    requests,
    elsewhere,
    written: () => [...open].reduce((sum, { bytesWritten }) => sum + bytesWritten, written),
    async closed () {
      // Not events.once, which an error on the way would end.
      await Promise.all([...open].map(socket => new Promise(resolve => socket.once('close', resolve))))
    }
  }
}

/** Whether this is a request with all of its body. */
function isWhole (text: string): boolean {
  const [head = '', body] = text.split('\r\n\r\n')
  return body !== undefined && Buffer.byteLength(body) >= Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
}

async function listen (t: Pick<Test, 'teardown'>, connected: (socket: Socket) => void, tls?: TlsOptions): Promise<string> {
  const sockets = new Set<Socket>()
  const handle = (socket: Socket) => {
    sockets.add(socket)
    // The other side gives up in its own way.
    socket.on('error', () => {}).once('close', () => { sockets.delete(socket) })
    connected(socket)
  }
  const server = tls === undefined ? createServer(handle) : createTlsServer(tls, handle).on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`
}
