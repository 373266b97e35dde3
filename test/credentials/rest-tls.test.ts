import type { TlsOptions } from 'node:tls'
import t from 'tap'
import type { OriginTls } from '../../lib/credentials/origin-client.js'
import { restCredentialProvider } from '../../lib/credentials/rest-provider.js'
import { authority, certificateFor } from './certificates.js'
import { serveFaults } from './faults.js'
import { servePipeline } from './pipeline.js'

const [company, stranger] = await Promise.all([authority('Company'), authority('Stranger')])
const [right, elsewhere, expired, strange, ours, theirs] = await Promise.all([
  certificateFor('127.0.0.1', company),
  certificateFor('clients.example.com', company),
  certificateFor('127.0.0.1', company, { expired: true }),
  certificateFor('127.0.0.1', stranger),
  certificateFor('keyhole', company),
  certificateFor('keyhole', stranger)
])

async function ask (t: Parameters<typeof servePipeline>[0], server: TlsOptions, tls: OriginTls) {
  const pipeline = await servePipeline(t, server)
  pipeline.secrets['crm'] = ['secret key']
  const provider = restCredentialProvider({ url: pipeline.url, tls, retries: 0 })
  const answer = await provider.verify({ clientId: 'crm', clientSecret: 'secret', apiKey: 'key' }, { issuer: 'https://auth.example.com', signal: new AbortController().signal })
    .catch(error => { throw error.cause.cause })
  return { answer, asked: pipeline.asked }
}

t.test('a certificate of the authority that is named → asked', async t => {
  t.match((await ask(t, right, { ca: company.cert })).answer, { clientId: 'crm' })
})

t.test('B55 a wrong certificate → unavailable, and the credentials are not sent', async t => {
  for (const [code, certificate, ca] of [
    ['DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY', right, undefined],
    ['ERR_TLS_CERT_ALTNAME_INVALID', elsewhere, company.cert],
    ['CERT_HAS_EXPIRED', expired, company.cert],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|CERT_SIGNATURE_FAILURE', strange, company.cert]
  ] as const) {
    await t.rejects(ask(t, certificate, ca === undefined ? {} : { ca }), { code: new RegExp(`^(?:${code})$`) }, code)
  }
  const server = await serveFaults(t, strange)
  const provider = restCredentialProvider({ url: server.url, tls: { ca: company.cert } })
  await t.rejects(provider.verify({ clientId: 'crm', clientSecret: 'secret', apiKey: 'key' }, { issuer: 'https://auth.example.com', signal: new AbortController().signal }), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
  t.strictSame(server.requests, [])
})

t.test('mutual TLS → our certificate is shown; without it, or with another, unavailable', async t => {
  const server: TlsOptions = { ...right, ca: company.cert, requestCert: true, rejectUnauthorized: true }
  t.match((await ask(t, server, { ca: company.cert, ...ours })).answer, { clientId: 'crm' })
  await t.rejects(ask(t, server, { ca: company.cert }))
  await t.rejects(ask(t, server, { ca: company.cert, ...theirs }))
})
