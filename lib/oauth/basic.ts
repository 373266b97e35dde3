import { decodeFormValue, decodeUtf8 } from './encoding.js'

/** What a client put into a Basic header. */
export interface BasicCredentials {
  readonly clientId: string
  readonly clientSecret: string
}

/**
 * Reads an Authorization header; undefined when it is not Basic or not well formed: the encoding must be exact,
 * and neither part may be empty. Both parts are form-decoded, the first colon divides them.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1 RFC 6749, 2.3.1}
 */
export function parseBasic (header: string): BasicCredentials | undefined {
  const encoded = /^basic +([A-Za-z0-9+/]+={0,2})$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  const bytes = Buffer.from(encoded, 'base64')
  if (bytes.toString('base64') !== encoded) return undefined
  try {
    const text = decodeUtf8(bytes)
    const colon = text.indexOf(':')
    if (colon < 1 || colon === text.length - 1) return undefined
    return { clientId: decodeFormValue(text.slice(0, colon)), clientSecret: decodeFormValue(text.slice(colon + 1)) }
  } catch {
    return undefined
  }
}
