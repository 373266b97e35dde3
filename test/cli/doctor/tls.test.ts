import { createServer } from 'node:net'
import { once } from 'node:events'
import { generate } from 'selfsigned'
import t, { type Test } from 'tap'
import { inProcess, keyhole } from '../running.js'
import { authorizationServer } from './authorization-server.js'

const DAY = 86_400_000

async function certificate (name: string, from: number, until: number) {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + from * DAY),
    notAfterDate: new Date(Date.now() + until * DAY),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: name }] }]
  })
  return { key, cert }
}

/** What a process says that trusts this certificate, as it trusts an authority. */
async function trusting (t: Test, tls: { readonly key: string, readonly cert: string }) {
  const { issuer } = await authorizationServer(t, { tls })
  const file = `${t.testdir({ 'trusted.pem': tls.cert })}/trusted.pem`
  return await inProcess(['doctor', '--issuer', issuer], { env: { NODE_EXTRA_CA_CERTS: file }, isCounted: true })
}

t.test('a certificate that is good, and one that is soon not → 0, 1', async t => {
  t.match(await trusting(t, await certificate('localhost', -1, 300)), { exit: 0, out: /^ok +TLS +TLSv1\.3, the certificate is good until \d{4}-\d\d-\d\d$/m })
  t.match(await trusting(t, await certificate('localhost', -1, 5)), { exit: 1, out: /^warning +TLS +the certificate expires in [45] days, on /m })
})

t.test('a certificate that expired, is of another name, or nobody trusts → 2, and what to do', async t => {
  t.match(await trusting(t, await certificate('localhost', -30, -2)), { exit: 2, out: /^wrong +issuer [^]*^wrong +TLS +the certificate expired on \d{4}-\d\d-\d\d\n +→ Renew it/m })
  t.match(await trusting(t, await certificate('auth.example.com', -1, 300)), { exit: 2, out: /^wrong +TLS +the certificate is not trusted: ERR_TLS_CERT_ALTNAME_INVALID/m })
  const { issuer } = await authorizationServer(t, { tls: await certificate('localhost', -1, 300) })
  t.match(await keyhole(['doctor', '--issuer', issuer]), { exit: 2, out: /^wrong +TLS +the certificate is not trusted: \w+\n +→ Send the whole chain/m })
})

t.test('a server that speaks no TLS, or says nothing → 2', async t => {
  const plain = createServer(socket => { socket.end('HTTP/1.1 400 Bad Request\r\n\r\n') }).listen(0, '127.0.0.1')
  await once(plain, 'listening')
  t.teardown(() => plain.close())
  const { port } = plain.address() as { port: number }
  t.match(await keyhole(['doctor', '--issuer', `https://127.0.0.1:${port}`]), { exit: 2, out: /^wrong +TLS +no connection: /m })
  const silent = createServer().listen(0, '127.0.0.1')
  await once(silent, 'listening')
  t.teardown(() => silent.close())
  const url = `https://127.0.0.1:${(silent.address() as { port: number }).port}`
  t.match(await keyhole(['doctor', '--issuer', url]), { exit: 2, out: /^wrong +issuer +\S+ does not answer: The operation was aborted due to timeout\n[^]*^wrong +TLS +no connection: no handshake within 5 seconds\n/m })
})
