import type { ServerResponse } from 'node:http'
import t from 'tap'
import type { ClientCredentials } from '../../lib/credentials/provider.js'
import { restCredentialProvider } from '../../lib/credentials/rest-provider.js'
import type { RestProviderOptions } from '../../lib/credentials/rest-options.js'
import { credentialProviderContract } from '../../lib/testing/provider-contract.js'
import type { ContractTest, ProviderSubject } from '../../lib/testing/provider-subject.js'
import { decide, servePipeline, type Question } from './pipeline.js'

async function restSubject (t: Pick<ContractTest, 'after'>, options: Partial<RestProviderOptions> = {}): Promise<ProviderSubject> {
  const pipeline = await servePipeline(t)
  const known = (clientId: string) => {
    const credentials: ClientCredentials = { clientId, clientSecret: `${'A'.repeat(20)}+/${clientId}`, apiKey: `key+of/${clientId}` }
    pipeline.secrets[clientId] = [`${credentials.clientSecret} ${credentials.apiKey}`]
    return { credentials, principal: { clientId, roles: [`${clientId}-role`], claims: { name: clientId } } }
  }
  const answering = (status: number, body: string, headers = {}) => () => {
    pipeline.answer = response => { response.writeHead(status, headers).end(body) }
  }
  const [client, other, rotating] = [known('crm'), known('shop'), known('rotating')]
  pipeline.secrets['rotating'] = [...pipeline.secrets['rotating']!, 'new secret key+of/rotating']
  return {
    provider: restCredentialProvider({ url: pipeline.url, ...options }),
    client,
    other,
    disabled: { without: 'the external system says 401 or 403, as for wrong credentials' },
    expired: { without: 'the external system says 401 or 403, as for wrong credentials' },
    rotating: [{ ...rotating.credentials, clientSecret: 'new secret' }, rotating.credentials],
    fails: answering(500, '{}'),
    waits: () => {
      const waiting: [ServerResponse, Question][] = []
      pipeline.answer = (...question) => { waiting.push(question) }
      return () => {
        pipeline.answer = undefined
        for (const [response, asked] of waiting) decide(response, asked, pipeline.secrets)
      }
    },
    malformed: {
      'no JSON': answering(200, '<html></html>'),
      'JSON of another shape': answering(200, '{"client":"crm"}'),
      'roles that are no list': answering(200, '{"clientId":"crm","roles":"admin"}'),
      null: answering(200, 'null'),
      'another client': answering(200, '{"clientId":"shop","roles":["shop-role"]}'),
      'an empty body': answering(200, ''),
      'a redirect': answering(302, '', { location: '/verify' })
    },
    logged: { without: 'it logs nothing; the token endpoint logs its events' }
  }
}

t.test('with what is on by itself', async t => {
  await credentialProviderContract(t, restSubject)
})

t.test('with a cache, and without a breaker and retries', async t => {
  await credentialProviderContract(t, t => restSubject(t, { cache: { yes: 60 }, breaker: false, retries: 0 }))
})
