import type { SecureContextOptions } from 'node:tls'
import { interceptors, Pool, type Dispatcher } from 'undici'

/** For TLS to a server of the company's own, and for a certificate that it asks for (mutual TLS). PEM. */
export interface OriginTls {
  /** Who may have signed the server's certificate. Default: those that Node.js trusts. */
  readonly ca?: SecureContextOptions['ca']
  /** The certificate that is shown to the server, with its private key. */
  readonly cert?: SecureContextOptions['cert']
  readonly key?: SecureContextOptions['key']
  /** Of the private key. */
  readonly passphrase?: string
}

export interface OriginClientSettings {
  readonly url: URL
  readonly tls: OriginTls
  /** Connections at most. */
  readonly connections: number
  /** How often a request is sent again when the connection broke before anything was answered. */
  readonly retries: number
  /** Milliseconds for all of a request, from the beginning to the last byte of its answer. */
  readonly timeout: number
  /** Bytes of an answer, at most. */
  readonly sizeLimit: number
  /** Of which answers the body is read, by status. Default: of 200. */
  readonly reads?: readonly number[]
}

/** What was answered. */
export interface OriginAnswer {
  readonly status: number
  /** The body of an answer that is read; of others it is not looked at. */
  readonly text: string | undefined
}

export interface OriginRequest {
  readonly body: string
  readonly headers: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
  /** Whether it is sent once, however that ends: it may hold what is good for one use. Default: false. */
  readonly isSentOnce?: boolean
}

/** Sends a body to one URL. Redirects are not followed, so nothing else is ever asked. */
export type OriginClient = (request: OriginRequest) => Promise<OriginAnswer>

/** Milliseconds before a request is sent again. */
const PAUSE = 50

/** When a request may be sent again: nothing was answered to it. */
const BROKEN = ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']

/**
 * A client for one URL: bounded in time, memory and connections, whatever the server does.
 * @throws {Error} for no answer, and for one that is none; the cause says more, and no message quotes it.
 */
export function createOriginClient ({ url, tls, connections, retries, timeout, sizeLimit, reads = [200] }: OriginClientSettings): OriginClient {
  const pool = new Pool(url.origin, { connections, connect: { ...tls, timeout }, headersTimeout: timeout, bodyTimeout: timeout, maxResponseSize: sizeLimit })
  const retrying = pool.compose(interceptors.retry({
    methods: ['POST'], maxRetries: retries, minTimeout: PAUSE, maxTimeout: PAUSE, statusCodes: [], errorCodes: BROKEN
  }))
  const path = url.pathname + url.search
  const where = url.origin + url.pathname

  const send = async ({ body, headers, isSentOnce = false }: OriginRequest, signal: AbortSignal) => {
    try {
      return await answerOf(await (isSentOnce ? pool : retrying).request({ path, method: 'POST', headers, body, signal }), signal, sizeLimit, reads)
    } catch (cause) {
      throw new Error(`${where} cannot be asked`, { cause })
    }
  }

  return async request => {
    const { signal } = request
    const patience = new AbortController()
    const timer = setTimeout(() => patience.abort(new Error(`no answer within ${timeout / 1000} seconds`)), timeout)
    const whole = signal === undefined ? patience.signal : AbortSignal.any([signal, patience.signal])
    return await send(request, whole).finally(() => clearTimeout(timer))
  }
}

async function answerOf ({ statusCode: status, headers, body }: Dispatcher.ResponseData, signal: AbortSignal, sizeLimit: number, reads: readonly number[]): Promise<OriginAnswer> {
  if (!reads.includes(status)) {
    // So that the connection can be used again. What comes of it changes nothing.
    await body.dump({ limit: sizeLimit, signal }).catch(() => {})
    return { status, text: undefined }
  }
  const { 'content-encoding': encoding } = headers
  if (encoding !== undefined && encoding !== 'identity') {
    body.on('error', () => {}).destroy()
    throw new Error('the answer is encoded, which was not asked for')
  }
  return { status, text: new TextDecoder('utf-8', { fatal: true }).decode(await body.arrayBuffer()) }
}
