import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Test } from 'tap'

/** Stands between a store and its PostgreSQL server, and harms what passes. */
export interface Proxy {
  /** The URL by which the store goes through it. */
  readonly url: string
  /** Connections that were opened so far. */
  readonly opened: number
  /** Cuts the connection once, when a commit comes by: before the server gets it, or instead of its answer. */
  cutAtCommit (when: 'before' | 'after'): void
  /** Lets nothing pass any more, and tells nobody. */
  freeze (): void
  thaw (): void
}

export async function proxyTo (t: Test, url: string): Promise<Proxy> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let cut: 'before' | 'after' | undefined
  let isFrozen = false
  let opened = 0

  const server = createServer(store => {
    opened++
    const database = connect(Number(target.port), target.hostname)
    let isCommitting = false
    for (const [socket, other] of [[store, database], [database, store]] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => { sockets.delete(socket); other.destroy() })
    }
    const cutNow = () => { cut = undefined; store.destroy(); database.destroy() }
    store.on('data', data => {
      if (isFrozen) return
      if (cut !== undefined && data.includes('commit')) {
        if (cut === 'before') return cutNow()
        isCommitting = true
      }
      database.write(data)
    })
    database.on('data', data => {
      if (isFrozen) return
      if (isCommitting) return cutNow()
      store.write(data)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  const through = new URL(url)
  through.port = String((server.address() as AddressInfo).port)

  return {
    url: through.href,
    get opened () { return opened },
    cutAtCommit (when) { cut = when },
    freeze () { isFrozen = true },
    thaw () {
      isFrozen = false
      for (const socket of sockets) socket.destroy()
    }
  }
}
