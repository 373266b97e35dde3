import { hash as bcrypt } from '@node-rs/bcrypt'
import t, { type Test } from 'tap'
import { oauthCredentialProvider } from '../../lib/credentials/oauth-provider.js'
import type { CredentialProvider } from '../../lib/credentials/provider.js'
import { sqlCredentialProvider } from '../../lib/credentials/sql-provider.js'
import { isRefusal, tokenApp } from '../plugins/token-endpoint-app.js'
import { AUDIENCE, CLIENTS, serveAuthorizationServer } from './authorization-server.js'
import { companyTables, findClient } from './company-table.js'

/** Somebody else's clients behind a token endpoint: `crm` is a manager, and `gone` makes what knows them unavailable. */
interface Outside {
  readonly credentialProvider: CredentialProvider
  gone (): unknown
}

const PROVIDERS: Readonly<Record<string, (t: Test) => Promise<Outside>>> = {
  async oauthCredentialProvider (t) {
    const server = await serveAuthorizationServer({ after: work => t.teardown(work) })
    const credentialProvider = await oauthCredentialProvider({ issuer: server.issuer, audience: AUDIENCE, requireApiKey: false, roles: ({ roles }) => [...roles as string[], 'of-theirs'] })
    t.teardown(() => credentialProvider.close())
    return { credentialProvider, gone: () => server.stop() }
  },

  async sqlCredentialProvider (t) {
    const db = await companyTables({ after: work => t.teardown(work) })
    await db.insertInto('api_clients').values({ id: 'crm', roles: 'manager of-theirs', disabled_at: null }).execute()
    await db.insertInto('api_secrets').values({ client_id: 'crm', kind: 'secret', hash: await bcrypt(CLIENTS.crm.secret, 4), expires_at: null, created_at: 1 }).execute()
    return { credentialProvider: sqlCredentialProvider({ db, query: findClient, requireApiKey: false }), gone: () => db.schema.dropTable('api_secrets').execute() }
  }
}

for (const [name, make] of Object.entries(PROVIDERS)) {
  t.test(`B41 B55 B58 ${name} at the token endpoint → the policy's roles alone, one answer to whatever is wrong, 503 when it cannot tell, nothing secret in the log`, async t => {
    const { credentialProvider, gone } = await make(t)
    let logged = ''
    const { post } = await tokenApp(t, { options: { credentialProvider }, server: { logger: { level: 'trace', stream: { write: (line: string) => { logged += line } } } } })
    const right = { grant_type: 'client_credentials', client_id: 'crm', client_secret: CLIENTS.crm.secret }
    const issued = await post(right)
    t.match(issued.json(), { token_type: 'Bearer', scope: 'profile address', roles: ['manager'] })
    t.match(logged, /roles that the policy does not know were dropped/)

    const refusals = await Promise.all([{ ...right, client_secret: 'guessed' }, { ...right, client_id: 'nobody' }, { ...right, client_id: 'x'.repeat(1000) }, { ...right, client_secret: '' }].map(wrong => post(wrong)))
    for (const refusal of refusals) {
      isRefusal(t, refusal, 401, 'invalid_client')
      t.equal(refusal.body, refusals[0]!.body)
    }

    await gone()
    for (const secret of [CLIENTS.crm.secret, 'guessed']) {
      const unavailable = await post({ ...right, client_secret: secret })
      isRefusal(t, unavailable, 503, 'temporarily_unavailable')
      t.match(unavailable.headers, { 'retry-after': /^\d+$/ })
    }
    for (const secret of [CLIENTS.crm.secret, encodeURIComponent(CLIENTS.crm.secret), 'guessed', 'eyJ']) t.notOk(logged.includes(secret), secret)
  })
}
