import { generate } from 'selfsigned'

/** Certificates for servers and clients on this machine, made anew for each run of a test. */

export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** One that signs others. */
export async function authority (name: string): Promise<Certificate> {
  const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec', algorithm: 'sha256', extensions: [{ name: 'basicConstraints', cA: true, critical: true }, { name: 'keyUsage', keyCertSign: true, digitalSignature: true, critical: true }]
  })
  return { cert, key }
}

/** One for this host: a name, or an address. It has expired when it is told so. */
export async function certificateFor (host: string, ca: Certificate, { expired = false } = {}): Promise<Certificate> {
  const day = 24 * 60 * 60 * 1000
  const [from, to] = expired ? [-2 * day, -day] : [-day, day]
  const { cert, private: key } = await generate([{ name: 'commonName', value: host }], {
    keyType: 'ec',
    algorithm: 'sha256',
    ca,
    notBeforeDate: new Date(Date.now() + from),
    notAfterDate: new Date(Date.now() + to),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
      { name: 'subjectAltName', altNames: [/^[\d.]+$/.test(host) ? { type: 7, ip: host } : { type: 2, value: host }] }
    ]
  })
  return { cert, key }
}
