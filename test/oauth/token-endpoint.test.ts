import t from 'tap'
import { createTokenIssuer } from '../../lib/access-token/issue.js'
import { clientCredentials } from '../../lib/oauth/grants/client-credentials.js'
import { noClaims } from '../../lib/oauth/subject-claims.js'
import { createTokenEndpoint } from '../../lib/oauth/token-endpoint.js'
import { createPolicy } from '../../lib/policy/policy.js'

const policy = createPolicy({ claimSets: { profile_claims: {} }, scopes: { profile: { reads: ['profile_claims'] } }, roles: { manager: ['profile'] } })

t.test('B67 signing fails → server_error without details, which stand in the cause', async t => {
  const answer = createTokenEndpoint({
    policy,
    authenticate: async () => ({ clientId: 'crm', roles: ['manager'] }),
    grants: [clientCredentials],
    claimRelease: noClaims,
    tokenIssuer: createTokenIssuer({ issuer: 'https://auth.example.com', signingKey: () => { throw new Error('the key is gone') } }),
    proofCheck: { verifyProof: async () => t.fail('there is no proof') as never, url: 'https://auth.example.com/oauth2/token' },
    audience: 'https://api.example.com',
    resourceScopes: new Map(),
    lifetimes: { longest: 300, ofScopes: new Map() }
  })
  const error = await answer({
    parameters: { grant_type: 'client_credentials', client_id: 'crm', client_secret: 'x' },
    headers: { authorization: undefined, apiKey: undefined },
    proof: undefined,
    abort: new AbortController(),
    attempts: { counting: (_clientId, look) => look() },
    report: () => {},
    log: { warn: () => t.fail('nothing to warn of') },
    facts: {}
  }).catch(error => error)
  t.match(error, { code: 'server_error', statusCode: 500, cause: { message: 'the key is gone' } })
  t.notMatch(JSON.stringify(error.body), 'key')
})
