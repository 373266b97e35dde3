/** Bytes of an answer, at most. */
const SIZE_LIMIT = 512 * 1024

/** How long one reading of a key set may take, from the metadata, where that says where it is, to the last byte, in milliseconds. */
export const TIME_LIMIT = 5000

/** What another server says, and for how many seconds it wants to be believed. */
export interface FetchedJson {
  readonly value: unknown
  /** `max-age` of its Cache-Control. */
  readonly maxAge: number | undefined
}

/** The server answered, and has nothing at this URL. */
export class NotThereError extends Error {
  override readonly name = 'NotThereError'
}

/**
 * Reads JSON of 512 KiB at most from a URL. Redirects are not followed, wherever they lead.
 * @param signal ends it, the reading of the body included
 * @throws {NotThereError} for a status from 400 to 499.
 * @throws {Error} for every other status, for what is no JSON or too large, and when it is ended; no message quotes the answer.
 */
export async function fetchJson (url: string, signal: AbortSignal): Promise<FetchedJson> {
  const response = await fetch(url, { signal, redirect: 'manual', headers: { accept: 'application/json, application/jwk-set+json' } })
  const { status, headers, body } = response
  if (status !== 200 || body === null) {
    await body?.cancel()
    const message = `${url} answered with the status ${status}${status >= 300 && status < 400 ? '; redirects are not followed' : ''}`
    throw status >= 400 && status < 500 ? new NotThereError(message) : new Error(message)
  }
  const text = await readText(url, body)
  const maxAge = /(?:^|[\s,])max-age=(\d{1,9})(?:[\s,]|$)/i.exec(headers.get('cache-control') ?? '')?.[1]
  return { value: parse(url, text), maxAge: maxAge === undefined ? undefined : Number(maxAge) }
}

async function readText (url: string, body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    // Leaving the loop cancels the body.
    if (size > SIZE_LIMIT) throw new Error(`${url} answered with more than ${SIZE_LIMIT / 1024} KiB`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function parse (url: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not as a cause: the message of a SyntaxError quotes what it could not read.
    throw new Error(`${url} answered with what is no JSON`)
  }
}
