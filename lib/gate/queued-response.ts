import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** By the connection that will be theirs. */
const queued = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * Closes a response that waits behind others on its connection, as pipelined requests of HTTP/1.1 do, when that is
 * gone: Node tells nobody but the first of them.
 */
export function closeWithConnection (response: ServerResponse): void {
  if (response.destroyed || response.socket !== null) return
  const connection = response.req.socket
  if (connection.destroyed) {
    response.destroy()
    return
  }
  const others = queued.get(connection) ?? follow(connection)
  others.add(response)
  response.once('close', () => { others.delete(response) })
}

/** One listener for all of them: a connection may have any number. */
function follow (connection: Socket): Set<ServerResponse> {
  const responses = new Set<ServerResponse>()
  queued.set(connection, responses)
  connection.once('close', () => {
    for (const response of responses) {
      if (response.socket !== null) continue
      response.destroy()
      response.emit('close')
    }
  })
  return responses
}
