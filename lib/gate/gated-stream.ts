import type { ServerResponse } from 'node:http'
import { constants, type Http2ServerResponse } from 'node:http2'
import type { Outlet } from './record-pump.js'

/** What a gate lets a stream do. */
export interface Through {
  /** Sends the head, once; false when it was refused and the answer is a 500. */
  sendHead (): boolean
  /** Calls a method of the response as it was before the gate was closed. */
  run (method: 'write' | 'end', args: readonly unknown[]): unknown
  /** Answers with a failure, before anything was sent. */
  failed (): void
}

/** The way of a stream through a gate: its head leaves with its first text, so that what fails before is a plain 500. */
export class GatedStream implements Outlet {
  private isClosed: boolean
  private isFull = false
  private wake = (): void => {}
  private isCut = false

  constructor (private readonly response: ServerResponse, private readonly through: Through) {
    this.isClosed = false
    // HTTP/2 has no `writableNeedDrain`.
    response.on('drain', () => {
      this.isFull = false
      this.wake()
    })
    whenGone(response, () => {
      this.isClosed = true
      // What was written and is not taken would keep it, and its session, open.
      if (!this.isCut) streamOf(response)?.destroy()
      this.wake()
    })
  }

  get closed (): boolean { return this.isClosed }

  get hasRoom (): boolean { return !this.isFull }

  write (text: string): void {
    if (this.isClosed) return
    if (!this.through.sendHead()) {
      this.isClosed = true
      return
    }
    if (this.through.run('write', [text, 'utf8']) === false) this.isFull = true
  }

  room (): Promise<void> {
    return new Promise(resolve => {
      if (this.isClosed || !this.isFull) resolve()
      else this.wake = resolve
    })
  }

  end (text: string): void {
    if (!this.isClosed && this.through.sendHead()) this.through.run('end', text === '' ? [] : [text, 'utf8'])
  }

  fail (text: string): void {
    if (this.isClosed) return
    // Told once this was handed on, and all before it, also where this is empty.
    if (this.response.headersSent) this.through.run('write', [text, 'utf8', () => { this.cut() }])
    else this.through.failed()
  }

  /** Cuts the connection, or resets the stream of HTTP/2, since an end would look like that of the list. */
  cut (): void {
    if (this.isClosed) return
    const { response } = this
    if (!response.headersSent) {
      this.through.failed()
      return
    }
    this.isCut = true
    const stream = streamOf(response)
    if (stream === undefined) response.destroy()
    // Not destroyed: a reset that waits until the connection takes something would be lost.
    else stream.close(constants.NGHTTP2_INTERNAL_ERROR)
    // Nobody tells a response that waits for its turn on a connection.
    this.isClosed = true
    this.wake()
  }
}

/** Calls this once nobody takes the rest of an answer any more, at once where that is so already, and at the end of a whole one. */
export function whenGone (response: ServerResponse, listener: () => void): void {
  const stream = streamOf(response)
  if (response.destroyed || stream?.destroyed === true || stream?.aborted === true) {
    listener()
    return
  }
  response.once('close', listener)
  // A stream that is reset without an error is not closed while there is something to write.
  stream?.once('aborted', listener)
}

/** That of HTTP/2. */
function streamOf (response: ServerResponse): Http2ServerResponse['stream'] | undefined {
  return (response as ServerResponse & Partial<Pick<Http2ServerResponse, 'stream'>>).stream
}
