import { writeFile } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'
import { openStore } from '../../lib/store/open-store.js'
import { until } from '../policy/log.js'
import { askForCustomer, askForToken, type Credentials } from './answers.js'
import { failedStart, startNode, type Node } from './nodes.js'

/** Processes of one service that differ, as they do while it is deployed anew: in their policy, or in their schemas. */

const POLICY = {
  claimSets: { profile_claims: {}, address_claims: {} },
  scopes: { profile: { reads: ['profile_claims'] }, address: { reads: ['address_claims'] } },
  roles: { reader: ['profile', 'address'] }
}
/** The scope profile reads something else, and there is a scope that the other does not know. */
const LATER = {
  ...POLICY,
  scopes: { ...POLICY.scopes, profile: { reads: ['profile_claims', 'address_claims'] }, city: { reads: ['address_claims'] } },
  roles: { reader: ['profile', 'city'] }
}
const WITH_LOYALTY = {
  claimSets: { ...POLICY.claimSets, loyalty_claims: {} },
  scopes: { ...POLICY.scopes, loyalty: { reads: ['loyalty_claims'] } },
  roles: { reader: ['profile', 'loyalty'] }
}

async function storeWithReader (t: Test) {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const store = await openStore(url)
  t.teardown(() => store.close())
  return { url, store, credentials: await store.clients.create({ id: 'crm', roles: ['reader'] }) }
}

async function tokenOf ({ base }: Node, credentials: Credentials) {
  const { body } = await askForToken(base, { what: 'token', process: 0, client: 'crm' }, credentials)
  return body as { readonly access_token: string, readonly scope: string, readonly policy: string }
}

async function customerOf ({ base }: Node, token: string) {
  const { status, body } = await askForCustomer(base, { what: 'customer', process: 0, client: 'crm' }, token)
  return { status, body }
}

t.test('E26 two processes with a policy of their own each → a token of either works at both, by the policy of the one that is asked', async t => {
  const { url, credentials } = await storeWithReader(t)
  const nodes = await Promise.all([POLICY, LATER].map(async (document, index) => {
    const policyFile = `${t.testdirName}/policy-${index}.json`
    await writeFile(policyFile, JSON.stringify(document))
    return await startNode(t, { url, policyFile })
  })) as [Node, Node]

  const tokens = await Promise.all(nodes.map(node => tokenOf(node, credentials)))
  t.strictSame(tokens.map(({ scope, policy }) => ({ scope, policy })), [
    { scope: 'profile address', policy: createPolicy(POLICY).current.version },
    { scope: 'profile city', policy: createPolicy(LATER).current.version }
  ])
  const bodies = await Promise.all(tokens.map(token => Promise.all(nodes.map(node => customerOf(node, token.access_token)))))
  const both = { name: 'Jane', city: 'Paris' }
  t.strictSame(bodies, [
    [{ status: 200, body: both }, { status: 200, body: both }],
    // The first does not know the scope city, and its profile reads less.
    [{ status: 200, body: { name: 'Jane' } }, { status: 200, body: both }]
  ])
})

t.test('E28 a field of a new claim set, and a policy without it → who runs withholds the field, who starts with it does not start, the release before goes on', async t => {
  const { url, store, credentials } = await storeWithReader(t)
  await store.policies.publish(POLICY)
  const before = await startNode(t, { url })
  const held = (await tokenOf(before, credentials)).access_token

  const { code, said } = await failedStart(t, { url, hasPoints: true })
  t.equal(code, 1)
  t.match(said, /GET \/customer, response 200: .*unknown claim set 'loyalty_claims' on \/points/)
  t.strictSame(await customerOf(before, held), { status: 200, body: { name: 'Jane', city: 'Paris' } }, 'those that run go on')

  await store.policies.publish(WITH_LOYALTY)
  const after = await startNode(t, { url, hasPoints: true })
  await until(async () => (await tokenOf(before, credentials)).scope === 'profile loyalty')
  const token = (await tokenOf(before, credentials)).access_token
  t.strictSame(await customerOf(after, token), { status: 200, body: { name: 'Jane', points: 7 } })
  t.strictSame(await customerOf(after, held), { status: 200, body: { name: 'Jane', city: 'Paris' } })
  const restarted = await startNode(t, { url })
  for (const node of [before, restarted]) t.strictSame(await customerOf(node, token), { status: 200, body: { name: 'Jane' } }, 'a release without the field knows nothing of it')

  await store.policies.publish(POLICY)
  await until(async () => (await customerOf(after, token)).body['points'] === undefined)
  t.strictSame(await customerOf(after, token), { status: 200, body: { name: 'Jane' } })
  t.strictSame(await customerOf(after, held), { status: 200, body: { name: 'Jane', city: 'Paris' } })
  t.strictSame(await customerOf(before, token), { status: 200, body: { name: 'Jane' } })
})
