import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { cacheVerdict, opensSharedCache, varyByAuthorization } from './cache-control.js'

/** What `writeHead` was given: status, message, headers, each but the first optional. */
export type Head = readonly unknown[]

/** A head to hold back: with the headers last, as Node reads the arguments, and their names in lower case, as Fastify has them and others need not. */
export function keptHead ([status, reason, given]: readonly unknown[]): Head {
  const isMessage = typeof reason === 'string'
  const headers = withLowerCaseNames(isMessage ? given : given ?? reason)
  if (headers === undefined || headers === null) return isMessage ? [status, reason] : [status]
  return isMessage ? [status, reason, headers] : [status, headers]
}

function withLowerCaseNames (headers: unknown): unknown {
  if (typeof headers !== 'object' || Array.isArray(headers)) return headers
  for (const name in headers) {
    if (name !== name.toLowerCase()) return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
  }
  return headers
}

/** A header as it would leave: of a head that is held back, else of the response. */
export function headerOf (response: ServerResponse, head: Head | undefined, name: string): unknown {
  return headersOf(head)?.[name] ?? response.getHeader(name)
}

/** Takes a header from a response, and from a head that is held back: from a copy of it, since its headers are somebody's. */
export function removeHeader (response: ServerResponse, head: Head | undefined, name: string): Head | undefined {
  response.removeHeader(name)
  const { [name]: _, ...headers } = headersOf(head) ?? {}
  return head?.map(part => typeof part === 'object' && part !== null && !Array.isArray(part) ? headers : part)
}

/** Takes from the head of a stream what was said of the text that stands for it: length, tag and coding. Nobody keeps what may end early. */
export function streamHead (response: ServerResponse, head: Head | undefined): Head | undefined {
  let taken = head
  for (const name of ['content-length', 'content-encoding', 'etag']) taken = removeHeader(response, taken, name)
  return taken
}

/**
 * What stands against sending a head that is held back. Where nothing does, it says by then who may keep the answer:
 * nobody, unless the application chose; and where that is its client alone, `Vary` names what tells tokens apart.
 */
export function headFault (response: ServerResponse, head: Head | undefined): 'head' | 'trailer' | 'shared cache' | undefined {
  const headers = headersOf(head)
  if (headers === undefined) return 'head'
  const others = response.getHeaderNames()
  const valueOf = (name: string) => headers[name] ?? (others.length === 0 ? undefined : response.getHeader(name))
  if (valueOf('trailer') !== undefined) return 'trailer'
  for (const name in headers) {
    if (opensSharedCache(name, headers[name])) return 'shared cache'
  }
  for (const name of others) {
    if (opensSharedCache(name, response.getHeader(name))) return 'shared cache'
  }
  const set = (name: string, value: string) => {
    if (headers === head?.at(-1)) headers[name] = value
    else response.setHeader(name, value)
  }
  const cacheControl = valueOf('cache-control')
  if (cacheControl === 'no-store') return undefined
  if (cacheControl === undefined) {
    set('cache-control', 'no-store')
    return undefined
  }
  const verdict = cacheVerdict(String(cacheControl))
  if (verdict === 'kept by its client') set('vary', varyByAuthorization(String(valueOf('vary') ?? '')))
  return verdict === 'shared' ? 'shared cache' : undefined
}

/** The headers of a head; undefined where they are in a form that only somebody going around Fastify uses. */
function headersOf (head: Head | undefined): OutgoingHttpHeaders | undefined {
  const last = head?.at(-1)
  if (typeof last !== 'object' || last === null) return {}
  return Array.isArray(last) ? undefined : last as OutgoingHttpHeaders
}
