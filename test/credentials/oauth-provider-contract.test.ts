import t from 'tap'
import { credentialProviderContract } from 'fastify-keyhole/testing'
import { oauthCredentialProvider } from '../../lib/credentials/oauth-provider.js'
import { openStore } from '../../lib/store/open-store.js'
import { logOf } from '../issuers/issuer-server.js'
import { AUDIENCE, CLIENTS, serveAuthorizationServer } from './authorization-server.js'

t.test('oidc-provider → the contract', async t => {
  await credentialProviderContract(t, async t => {
    const server = await serveAuthorizationServer({ after: work => t.after(work) })
    const store = await openStore('sqlite::memory:')
    t.after(() => store.close())
    const { log, said } = logOf()
    const provider = await oauthCredentialProvider({ issuer: server.issuer, audience: AUDIENCE, apiKeys: store, log, timeout: 9 })
    t.after(() => provider.close())
    const credentialsOf = async (clientId: 'crm' | 'cms' | 'late') =>
      ({ clientId, clientSecret: CLIENTS[clientId].secret, apiKey: (await store.clients.create({ id: clientId, roles: ['nothing'] })).apiKey! })
    const saying = (status: number, body: string) => () => {
      server.answer = (_request, response) => { response.writeHead(status, { 'content-type': 'application/json' }).end(body) }
    }
    return {
      provider,
      client: { credentials: await credentialsOf('crm'), principal: { clientId: 'crm', roles: CLIENTS.crm.roles } },
      other: { credentials: await credentialsOf('cms'), principal: { clientId: 'cms', roles: CLIENTS.cms.roles } },
      disabled: { without: 'oidc-provider knows no disabled clients, only some that are gone' },
      expired: await credentialsOf('late'),
      rotating: { without: 'oidc-provider keeps one secret of a client' },
      fails: () => server.stop(),
      waits () {
        const waiting: (() => void)[] = []
        server.answer = (request, response) => { waiting.push(() => server.pass(request, response)) }
        return () => {
          server.answer = undefined
          for (const goOn of waiting) goOn()
        }
      },
      malformed: {
        'HTML with 200': saying(200, '<html></html>'),
        'nothing with 200': saying(200, ''),
        'a token of nobody': saying(200, '{"access_token":"e30.e30.e30","token_type":"Bearer"}'),
        'a redirect': saying(302, ''),
        'a path that is not there': saying(404, '{}'),
        'a refusal of nobody': saying(400, '{"error":"invalid_scope"}')
      },
      logged: () => JSON.stringify(said)
    }
  })
})
