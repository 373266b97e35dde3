import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { TLSSocket } from 'node:tls'
import type { Test } from 'tap'
import type { Certificate } from '../credentials/certificates.js'

/** What stands where a PostgreSQL server should: it speaks TLS with this certificate, or says that it speaks none. It keeps what it is told, and hangs up. */
export interface Wiretap {
  readonly port: number
  /** How many asked for TLS. */
  readonly asked: number
  /** What came after that, readable. */
  text (): string
}

/** What a client asks for TLS with. */
const SSL_REQUEST = Buffer.from('0000000804d2162f', 'hex')

export async function wiretap (t: Test, certificate?: Certificate): Promise<Wiretap> {
  const read: Buffer[] = []
  let asked = 0
  const server = createServer(socket => {
    t.teardown(() => socket.destroy())
    socket.on('error', () => {})
    socket.once('data', data => {
      if (data.equals(SSL_REQUEST)) asked++
      else read.push(data)
      const heard = (chunk: Buffer) => {
        read.push(chunk)
        socket.destroy()
      }
      if (certificate === undefined) socket.on('data', heard)
      else new TLSSocket(socket, { isServer: true, ...certificate }).on('error', () => {}).on('data', heard)
      socket.write(certificate === undefined ? 'N' : 'S')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return {
    port: (server.address() as AddressInfo).port,
    get asked () { return asked },
    text: () => Buffer.concat(read).toString('latin1')
  }
}
