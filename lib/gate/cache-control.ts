/** What a guarded answer's `Cache-Control` means for it: its body belongs to one token. */
export type CacheVerdict =
  /** Nothing may keep it. */
  | 'kept nowhere'
  /** Only this client may keep it, so `Vary` must name what tells tokens apart. */
  | 'kept by its client'
  /** Others could get it: refused. */
  | 'shared'

/**
 * Reads a `Cache-Control` value (RFC 9111 5.2.2): `public`, `s-maxage`, `must-revalidate` and `proxy-revalidate`
 * let a shared cache keep an answer to an authorized request (3.5), unless `private` or `no-store` forbids it.
 */
export function cacheVerdict (value: string): CacheVerdict {
  const directives = new Set(value.toLowerCase().split(',').map(directive => directive.split('=', 1)[0]!.trim()))
  if (directives.has('public') || directives.has('s-maxage')) return 'shared'
  if (directives.has('no-store')) return 'kept nowhere'
  if (directives.has('private') || directives.has('no-cache')) return 'kept by its client'
  return directives.has('must-revalidate') || directives.has('proxy-revalidate') ? 'shared' : 'kept by its client'
}

/** Names of headers that caches of one kind obey instead of `Cache-Control`, such as `CDN-Cache-Control` (RFC 9213). */
const TARGETED = /^(?:.+-cache-control|surrogate-control)$/i

/** Whether a header lets some shared cache keep the answer, whatever `Cache-Control` says. */
export function opensSharedCache (name: string, value: unknown): boolean {
  // Content-Length and most others are told from these by how they end, before anything takes time.
  return name.length > 'cache-control'.length && (name.endsWith('l') || name.endsWith('L')) && TARGETED.test(name) && !/\b(?:no-store|private)\b/i.test(String(value))
}

/** `Vary` with `Authorization` in it. */
export function varyByAuthorization (vary: string): string {
  return withName(vary, 'Authorization')
}

/** `Vary` with `Accept` in it. */
export function varyByAccept (vary: string): string {
  return withName(vary, 'Accept')
}

function withName (vary: string, added: string): string {
  const names = vary.split(',').map(name => name.trim()).filter(name => name !== '')
  return names.some(name => name === '*' || name.toLowerCase() === added.toLowerCase()) ? vary : [...names, added].join(', ')
}
