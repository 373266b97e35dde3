import assert from 'node:assert/strict'
import { getEventListeners } from 'node:events'
import { inspect } from 'node:util'
import type { ProviderEvent } from '../credentials/provider-event.js'
import type { ClientCredentials, CredentialProvider, Principal } from '../credentials/provider.js'
import { ProviderUnavailableError } from '../errors.js'
import { checkedPrincipal } from '../credentials/checked-principal.js'

/** Who asks, in the tests of a contract. */
const ISSUER = 'https://auth.example.com'

/** How long a provider may go on after its caller has gone away, in milliseconds: it fails the test, and decides nothing else. */
const PATIENCE = 10_000

/** Asks as the token endpoint does. Whatever an error or an event says of the credentials fails the test. */
export async function ask ({ provider, signal = new AbortController().signal }: Asked, credentials: ClientCredentials): Promise<Principal | null> {
  const events: ProviderEvent[] = []
  const report = (event: ProviderEvent) => { events.push(event) }
  let answer: unknown
  try {
    answer = await provider.verify(credentials, { issuer: ISSUER, signal, report })
  } catch (error) {
    assertHidden(inspect(error, { depth: Infinity, showHidden: true, maxStringLength: Infinity }), credentials, 'the error')
    assertTold(events, 'unavailable', credentials)
    throw error
  }
  assertTold(events, answer === null ? 'refused' : 'verified', credentials)
  return asEndpoint(answer, credentials.clientId)
}

/** That a provider which tells what it did tells what it did. */
function assertTold (events: readonly ProviderEvent[], outcome: ProviderEvent['outcome'], credentials: ClientCredentials): void {
  const last = events.at(-1)
  if (last === undefined) return
  assert.equal(last.outcome, outcome, 'the outcome of the last event')
  for (const event of events) {
    assert.ok(typeof event.provider === 'string' && event.milliseconds >= 0, 'an event has the name of the provider, and milliseconds')
    assertHidden(JSON.stringify(event), credentials, 'the event')
  }
}

/** What the endpoint would not take for a principal of this client is no answer there either. */
function asEndpoint (answer: unknown, clientId: string): Principal | null {
  try {
    return checkedPrincipal(answer, clientId)
  } catch (cause) {
    throw new ProviderUnavailableError({ cause })
  }
}

export interface Asked {
  readonly provider: CredentialProvider
  readonly signal?: AbortSignal
}

export async function assertPrincipal (asked: Asked, credentials: ClientCredentials, principal: Principal, what: string): Promise<void> {
  const answer = await ask(asked, credentials)
  assert.notEqual(answer, null, `${what} → the principal, not null`)
  for (const [name, value] of Object.entries(principal)) assert.deepEqual(answer![name as keyof Principal], value, `${what} → ${name} of the principal`)
}

export async function assertRefused (asked: Asked, credentials: ClientCredentials, what: string): Promise<void> {
  assert.equal(await ask(asked, credentials), null, `${what} → null`)
}

/** It cannot tell: FST_KEYHOLE_PROVIDER_UNAVAILABLE, by which the client gets a 503 and not the blame. */
export async function assertUnavailable (answer: Promise<unknown>, what: string): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new assert.AssertionError({ message: `${what} → no answer within ${PATIENCE / 1000} seconds` })), PATIENCE)
  })
  try {
    await assert.rejects(Promise.race([answer, late]), (error: unknown) => {
      if (error instanceof assert.AssertionError) throw error
      assert.equal((error as { code?: unknown }).code, 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', `${what} → errors.ProviderUnavailableError, not ${String(error)}`)
      return true
    }, `${what} → errors.ProviderUnavailableError`)
  } finally {
    clearTimeout(timer)
  }
}

/** That nothing is left of an answer at the signal, once what was behind it has ended. */
export async function assertNobodyListens (signal: AbortSignal): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
  assert.equal(getEventListeners(signal, 'abort').length, 0, 'nothing listens to the signal')
}

/** That a text has none of the secrets in it, also as they stand in URLs and headers. */
export function assertHidden (text: string, { clientId, clientSecret, apiKey, clientAssertion }: ClientCredentials, where: string): void {
  for (const [name, secret] of Object.entries({ clientSecret, apiKey, clientAssertion })) {
    if (secret === undefined || secret === '') continue
    const spellings = [secret, encodeURIComponent(secret), base64(secret), base64(`${clientId}:${secret}`)]
    assert.ok(!spellings.some(spelling => text.includes(spelling)), `${where} shows the ${name}`)
  }
}

/** Without its padding, since what comes before is there whatever follows. */
function base64 (text: string): string {
  return Buffer.from(text).toString('base64').replace(/=+$/, '')
}
