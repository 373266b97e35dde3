import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openStore } from '../../lib/store/open-store.js'
import { ath, prover } from '../dpop/client.js'
import { forkProgram } from '../fork-program.js'
import { AUDIENCE, form, FORM, ISSUER } from './token-endpoint-app.js'

/** Proofs of possession, and processes that share nothing but a store. */

const SERVER = fileURLToPath(new URL('rotating-server.ts', import.meta.url))

const url = `sqlite:${t.testdir()}/keyhole.db`
const store = await openStore(url)
const { id, clientSecret, apiKey } = await store.clients.create({ id: 'crm', roles: ['manager'] })
const children = [1, 2].map(() => forkProgram(SERVER, [url, '86400', '600']))
t.teardown(async () => {
  children.forEach(child => child.kill())
  await store.close()
})
const [one, other] = await Promise.all(children.map(async child => (await once(child, 'message'))[0] as string)) as [string, string]
const ada = await prover()

/** What a process says to this proof at the token endpoint. */
async function ask (base: string, dpop: string): Promise<{ readonly status: number, readonly body: Record<string, string> }> {
  const response = await fetch(`${base}/oauth2/token`, {
    method: 'POST', headers: { 'content-type': FORM, dpop }, body: form({ grant_type: 'client_credentials', client_id: id, client_secret: clientSecret, api_key: apiKey })
  })
  return { status: response.status, body: await response.json() as Record<string, string> }
}

async function tokenOf (base: string): Promise<string> {
  return (await ask(base, await ada.proof({ htm: 'POST', htu: `${ISSUER}/oauth2/token` }))).body['access_token']!
}

t.test('C64, E14 a proof that one process has seen → refused by the other, at the endpoint and at the guard', async t => {
  const proof = await ada.proof({ htm: 'POST', htu: `${ISSUER}/oauth2/token` })
  const { status, body } = await ask(one, proof)
  t.equal(status, 200)
  t.match(await ask(other, proof), { status: 400, body: { error: 'invalid_dpop_proof', error_description: 'The DPoP proof was used before.' } })

  const headers = { authorization: `DPoP ${body['access_token']}`, dpop: await ada.proof({ htm: 'GET', htu: `${AUDIENCE}/thing`, ath: ath(body['access_token']!) }) }
  t.equal((await fetch(`${one}/thing`, { headers })).status, 200)
  const refused = await fetch(`${other}/thing`, { headers })
  t.equal(refused.status, 401)
  t.match(refused.headers.get('www-authenticate'), /DPoP error="invalid_dpop_proof", error_description="The DPoP proof was used before\."/)
})

t.test('E14 twenty proofs, each at both processes at once → each is taken by one of them', async t => {
  const token = await tokenOf(one)
  for (let round = 0; round < 20; round++) {
    const headers = { authorization: `DPoP ${token}`, dpop: await ada.proof({ htm: 'GET', htu: `${AUDIENCE}/thing`, ath: ath(token) }) }
    const answers = await Promise.all([one, other].map(base => fetch(`${base}/thing`, { headers })))
    t.strictSame(answers.map(({ status }) => status).sort(), [200, 401])
  }
})
