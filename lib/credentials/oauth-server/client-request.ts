import type { OriginAnswer, OriginClient } from '../origin-client.js'
import type { ClientAuthentication } from './preset.js'

/** A client's id and secret, as it presented them. */
export interface IdAndSecret {
  readonly clientId: string
  readonly clientSecret: string
}

/** Posts a form to an endpoint of the issuer's, in a client's name. */
export async function postAs (
  { clientId, clientSecret }: IdAndSecret, method: ClientAuthentication, post: OriginClient, parameters: Readonly<Record<string, string>>, signal: AbortSignal | undefined
): Promise<OriginAnswer> {
  const isInHeader = method === 'client_secret_basic'
  const form = isInHeader ? parameters : { ...parameters, client_id: clientId, client_secret: clientSecret }
  return await post({
    body: new URLSearchParams(form).toString(),
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
      ...(isInHeader && { authorization: basic(clientId, clientSecret) })
    },
    ...(signal !== undefined && { signal })
  })
}

/** RFC 6749 2.3.1 and B. What need not be encoded is not: some servers decode nothing. */
function basic (clientId: string, clientSecret: string): string {
  const encode = (text: string) => encodeURIComponent(text).replaceAll('%20', '+')
  return 'Basic ' + Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')
}
