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
    const [id = '', ...rest] = decodeUtf8(bytes).split(':')
    const clientId = decodeFormValue(id)
    const clientSecret = decodeFormValue(rest.join(':'))
    return clientId === '' || clientSecret === '' ? undefined : { clientId, clientSecret }
  } catch {
    return undefined
  }
}
