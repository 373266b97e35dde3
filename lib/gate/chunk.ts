/** Whether a part of a body has nothing in it. */
export function isEmpty (chunk: unknown): boolean {
  return chunk === undefined || chunk === null || chunk === '' || (chunk instanceof Uint8Array && chunk.length === 0)
}

export type Callback = (error?: Error) => void

/** The callback of a method whose last argument it is. */
export function callbackOf (args: readonly unknown[]): Callback | undefined {
  const last = args.at(-1)
  return typeof last === 'function' ? last as Callback : undefined
}

/** The callback of `end`, which may come after no, one or two arguments. */
export function lastFunction (...args: readonly unknown[]): Callback | undefined {
  return args.find(arg => typeof arg === 'function') as Callback | undefined
}

/** A part that is held counts as written: whoever waits for that may go on. */
export function later (callback: (() => void) | undefined): true {
  if (callback !== undefined) process.nextTick(callback)
  return true
}

/** A part of a body as bytes; undefined for what is none. */
export function bytesOf (chunk: unknown, encoding: unknown): Buffer | undefined {
  if (typeof chunk === 'string') return Buffer.from(chunk, Buffer.isEncoding(encoding as string) ? encoding as BufferEncoding : 'utf8')
  return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : undefined
}
