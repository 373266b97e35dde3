import assert from 'node:assert/strict'
import type { ClientCredentials } from '../credentials/provider.js'
import { knownRoles } from '../oauth/roles.js'
import { createPolicy } from '../policy/policy.js'
import { ask, assertHidden, assertNobodyListens, assertPrincipal, assertRefused, assertUnavailable } from './provider-answers.js'
import type { Optional, ProviderSubject, Without } from './provider-subject.js'

/** One test of the contract. */
interface Case {
  readonly name: string
  /** A part without which it is skipped. */
  readonly needs?: Optional
  readonly check: (subject: ProviderSubject) => Promise<void>
}

/** How many ask at once. */
const CROWD = 100

/** Ids of nobody, of which some mean something to an object in JavaScript, to SQL, or to a path. */
const NOBODIES = ['nobody', '', '__proto__', 'constructor', "' OR '1'='1", '../admin', '%']

function always (name: string, check: Case['check']): Case {
  return { name, check }
}

function needing<Name extends Optional> (needs: Name, name: string, check: (subject: ProviderSubject, part: Exclude<ProviderSubject[Name], Without>) => Promise<void>): Case {
  // The contract skips it without.
  return { name, needs, check: async subject => { await check(subject, subject[needs] as Exclude<ProviderSubject[Name], Without>) } }
}

/** What every provider has to do. */
export const CONTRACT: readonly Case[] = [
  always('right credentials → the principal, every time', async ({ provider, client, other }) => {
    for (const { credentials, principal } of [client, client, other]) await assertPrincipal({ provider }, credentials, principal, credentials.clientId)
  }),

  always('wrong credentials → null, whatever is wrong', async ({ provider, client, other }) => {
    for (const [what, wrong] of wrongs(client.credentials, other.credentials)) await assertRefused({ provider }, wrong, what)
    await assertPrincipal({ provider }, client.credentials, client.principal, 'right ones afterwards')
  }),

  always('an unknown client → null', async ({ provider, client: { credentials } }) => {
    const { clientId } = credentials
    for (const nobody of [...NOBODIES, `${clientId}\0`, `${clientId} `, `${clientId}x`, clientId.slice(1)]) {
      await assertRefused({ provider }, { ...credentials, clientId: nobody }, JSON.stringify(nobody))
    }
  }),

  needing('disabled', 'a disabled client → null', async (subject, disabled) => { await assertRefused(subject, disabled, 'everything right') }),

  needing('expired', 'an expired secret → null', async (subject, expired) => { await assertRefused(subject, expired, 'everything else right') }),

  needing('rotating', 'a secret that is rotated → the new one and the one before both do', async (subject, rotating) => {
    for (const credentials of rotating) assert.notEqual(await ask(subject, credentials), null, 'each → the principal')
  }),

  needing('fails', 'what it asks is down → unavailable, for right credentials and wrong ones', async ({ provider, client: { credentials }, other }, fails) => {
    await fails()
    await assertUnavailable(ask({ provider }, credentials), 'right credentials')
    for (const [what, wrong] of wrongs(credentials, other.credentials)) await assertUnavailable(ask({ provider }, wrong), what)
  }),

  needing('waits', 'what it asks is slow → the principal, when it comes', async (subject, waits) => {
    const { credentials, principal } = subject.client
    const answerNow = waits()
    let isOver = false
    const answer = assertPrincipal(subject, credentials, principal, 'slow').finally(() => { isOver = true })
    // It is looked at below.
    answer.catch(() => {})
    await new Promise(resolve => setImmediate(resolve))
    assert.ok(!isOver, 'it does not answer on its own')
    await answerNow()
    await answer
  }),

  always('cancelled before → unavailable; not cancelled → nothing listens to the signal after the answer', async ({ provider, client: { credentials, principal } }) => {
    await assertUnavailable(ask({ provider, signal: AbortSignal.abort(new Error('gone before')) }, credentials), 'cancelled before')
    const { signal } = new AbortController()
    await assertPrincipal({ provider, signal }, credentials, principal, 'not cancelled')
    await assertNobodyListens(signal)
  }),

  needing('waits', 'cancelled while it waits → unavailable at once, and nothing listens to the signal', async ({ provider, client: { credentials } }, waits) => {
    const answerNow = waits()
    const controller = new AbortController()
    const answer = ask({ provider, signal: controller.signal }, credentials)
    setImmediate(() => controller.abort(new Error('gone')))
    await assertUnavailable(answer, 'cancelled')
    await assertNobodyListens(controller.signal)
    await answerNow()
  }),

  always(`${CROWD} at once → each its own answer`, async ({ provider, client, other }) => {
    await Promise.all(Array.from({ length: CROWD }, async (_, index) => {
      const [mine, its] = index % 2 === 0 ? [client, other] : [other, client]
      if (index % 3 === 0) await assertRefused({ provider }, { ...its.credentials, clientId: mine.credentials.clientId }, `${index}: credentials of another client`)
      else await assertPrincipal({ provider }, mine.credentials, mine.principal, `${index}`)
    }))
  }),

  needing('malformed', 'what it asks answers with what cannot be right → unavailable, never a principal', async (subject, malformed) => {
    for (const [what, happen] of Object.entries(malformed)) {
      await happen()
      await assertUnavailable(ask(subject, subject.client.credentials), what)
    }
  }),

  always('roles that the policy does not know → dropped at the endpoint, and logged', async ({ provider, client: { credentials, principal } }) => {
    const warned: unknown[] = []
    const answer = await ask({ provider }, credentials)
    const { current } = createPolicy({ claimSets: { some_claims: {} }, scopes: { some: { reads: ['some_claims'] } }, roles: {} })
    assert.deepEqual(knownRoles(answer!, current, { warn: details => { warned.push(details) } }), [])
    assert.deepEqual(warned, [{ clientId: credentials.clientId, unknownRoles: principal.roles }])
  }),

  needing('logged', 'nothing secret in the log', async ({ provider, client: { credentials }, other, fails }, logged) => {
    const all = [credentials, ...wrongs(credentials, other.credentials).map(([, wrong]) => wrong)]
    for (const presented of all) await ask({ provider }, presented)
    if (typeof fails === 'function') {
      await fails()
      for (const presented of all) await assertUnavailable(ask({ provider }, presented), 'when it is down')
    }
    for (const presented of [...all, other.credentials]) assertHidden(logged(), presented, 'the log')
  })
]

/** Credentials that are wrong in one thing each. */
function wrongs (right: ClientCredentials, others: ClientCredentials): [string, ClientCredentials][] {
  return (['clientSecret', 'apiKey', 'clientAssertion'] as const).flatMap(name => {
    const secret = right[name]
    if (secret === undefined) return []
    const middle = secret.length >> 1
    const changes: Record<string, string | undefined> = {
      missing: undefined,
      empty: '',
      'of another client': others[name],
      'cut short': secret.slice(0, -1),
      'with one letter changed': secret.slice(0, middle) + (secret[middle] === 'A' ? 'B' : 'A') + secret.slice(middle + 1),
      'with a space behind': `${secret} `,
      'of 10,000 letters': 'A'.repeat(10_000)
    }
    const { [name]: _right, ...rest } = right
    return Object.entries(changes).map(([how, value]): [string, ClientCredentials] =>
      [`${name} ${how}`, { clientSecret: undefined, apiKey: undefined, ...rest, ...(value !== undefined && { [name]: value }) }])
  })
}
