import { connect } from 'node:tls'
import { isSafe } from '../../issuers/safe-url.js'
import { ok, warning, wrong, type Finding } from './finding.js'

/** Milliseconds for a handshake. */
const PATIENCE = 5000

/** Days before its end in which a certificate ought to be renewed. */
const RENEW = 14
const DAY = 86_400_000

interface Handshake {
  readonly protocol: string
  readonly expires: number
  /** Why the certificate is not trusted, as OpenSSL calls it. */
  readonly doubt: string | undefined
}

/** How the way to a server is kept: its certificate, its protocol. */
export async function examineTls (url: URL, now = Date.now()): Promise<Finding> {
  if (url.protocol !== 'https:') {
    return isSafe(url)
      ? ok('TLS', 'plain http, which is right on this machine alone')
      : wrong('TLS', 'plain http: whoever is in between reads secrets and tokens', 'Serve it by https, and write https in the option issuer.')
  }
  try {
    return judged(await handshake(url), now)
  } catch (error) {
    return wrong('TLS', `no connection: ${(error as Error).message}`, 'Is the server up, does its name resolve here, and does it speak TLS 1.2 or later?')
  }
}

function judged ({ protocol, expires, doubt }: Handshake, now: number): Finding {
  const until = new Date(expires).toISOString().slice(0, 10)
  if (expires < now) return wrong('TLS', `the certificate expired on ${until}`, 'Renew it, and let the server load it.')
  if (doubt !== undefined) {
    return wrong('TLS', `the certificate is not trusted: ${doubt}`, 'Send the whole chain of a certificate for this name. For an authority of your own set NODE_EXTRA_CA_CERTS, here and wherever its tokens are verified.')
  }
  const days = Math.floor((expires - now) / DAY)
  return days < RENEW
    ? warning('TLS', `the certificate expires in ${days} days, on ${until}`, 'Renew it, and look at what should have renewed it by itself.')
    : ok('TLS', `${protocol}, the certificate is good until ${until}`)
}

function handshake ({ hostname, port }: URL): Promise<Handshake> {
  const host = hostname.replace(/^\[|\]$/g, '')
  return new Promise((resolve, reject) => {
    // Whatever the certificate is, it is looked at; nothing is sent.
    const socket = connect({ host, port: port === '' ? 443 : Number(port), servername: /^[\d.]+$|:/.test(host) ? '' : host, rejectUnauthorized: false }, () => {
      const { valid_to: expires } = socket.getPeerCertificate()
      const doubt: unknown = socket.authorized ? undefined : socket.authorizationError
      resolve({ protocol: String(socket.getProtocol()), expires: Date.parse(expires), doubt: doubt === undefined ? undefined : String(doubt) })
      socket.destroy()
    })
    socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`no handshake within ${PATIENCE / 1000} seconds`)))
    socket.on('error', reject)
  })
}
