/** What a URL in `htu` is made of: a host, without user, in characters that a URL has as they stand. */
const HTTP_URL = /^https?:\/\/[^/?#@\\]+(?:[/?#][\x21-\x5B\x5D-\x7E]*)?$/i

/** An absolute-form request target up to its path, RFC 9112 3.2.2: whose host it names is no business of ours. */
const AUTHORITY = /^https?:\/\/[^/?#]*/i

/**
 * A URL as two of them are compared: scheme, host, port, escapes and dot segments normalised, query and fragment left out.
 * Undefined for everything that is no http or https URL.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-4.3 RFC 9449, 4.3} and
 *   {@link https://www.rfc-editor.org/rfc/rfc3986#section-6.2.2 RFC 3986, 6.2.2 and 6.2.3}
 */
export function normalizedTarget (url: string): string | undefined {
  if (!HTTP_URL.test(url)) return undefined
  const unescaped = url.replace(/%[0-9A-Fa-f]{2}/g, normalizedEscape)
  if (!URL.canParse(unescaped)) return undefined
  const { origin, pathname } = new URL(unescaped)
  return origin + pathname
}

/** Escapes of characters that need none are taken back; `?`, `#` and `/` stay escaped. */
function normalizedEscape (escape: string): string {
  const character = String.fromCharCode(parseInt(escape.slice(1), 16))
  return /[A-Za-z0-9._~-]/.test(character) ? character : escape.toUpperCase()
}

/**
 * The URL of a request, whatever its `Host` header or an absolute-form target says.
 * @param baseUrl where clients see the root of this server, without a slash at its end
 * @param requestTarget as it stands in the request line
 */
export function requestUrl (baseUrl: string, requestTarget: string): string | undefined {
  return normalizedTarget(baseUrl + requestTarget.replace(AUTHORITY, ''))
}
