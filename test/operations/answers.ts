import { form, FORM } from '../plugins/token-endpoint-app.js'

/** What a process said to one request. Times are in milliseconds, as `performance.now()` has them. */
export interface Answer {
  readonly what: 'token' | 'customer'
  readonly process: number
  readonly client: string
  readonly sent: number
  readonly received: number
  /** Undefined where the connection was refused, or broke. */
  readonly status: number | undefined
  readonly retryAfter: string | null
  readonly body: Readonly<Record<string, unknown>>
}

type Request = Pick<Answer, 'what' | 'process' | 'client'>

export interface Credentials { readonly clientSecret: string, readonly apiKey: string }

export async function askForToken (base: string, request: Request, { clientSecret, apiKey }: Credentials): Promise<Answer> {
  return await ask(request, `${base}/oauth2/token`, {
    method: 'POST',
    headers: { 'content-type': FORM },
    body: form({ grant_type: 'client_credentials', client_id: request.client, client_secret: clientSecret, api_key: apiKey })
  })
}

export async function askForCustomer (base: string, request: Request, token: string): Promise<Answer> {
  return await ask(request, `${base}/customer`, { headers: { authorization: `Bearer ${token}` } })
}

async function ask (request: Request, url: string, init: RequestInit): Promise<Answer> {
  const sent = performance.now()
  try {
    const response = await fetch(url, init)
    const body = await response.json() as Answer['body']
    return { ...request, sent, received: performance.now(), status: response.status, retryAfter: response.headers.get('retry-after'), body }
  } catch {
    return { ...request, sent, received: performance.now(), status: undefined, retryAfter: null, body: {} }
  }
}
