import t, { type Test } from 'tap'
import { chainCredentialProviders } from '../../lib/credentials/chain-providers.js'
import type { ChainMember } from '../../lib/credentials/chain-members.js'
import type { ProviderEvent } from '../../lib/credentials/provider-event.js'
import type { ClientCredentials, CredentialProvider } from '../../lib/credentials/provider.js'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { errors } from '../../lib/index.js'
import { openStore } from '../../lib/store/open-store.js'
import { credentialProviderContract } from '../../lib/testing/provider-contract.js'
import { tableSubject } from '../testing/table-provider.js'
import { assertionOf, clientKey, ISSUER } from './asserting.js'

type Answer = 'yes' | 'no' | 'unavailable'

/** A provider that remembers what it got, and says so. */
function telling (answer: Answer, checksAssertions?: boolean) {
  const got: ClientCredentials[] = []
  const provider: CredentialProvider = {
    ...(checksAssertions !== undefined && { checksAssertions }),
    async verify (credentials, { report }) {
      got.push(credentials)
      report?.({ provider: 'its own name', outcome: answer === 'yes' ? 'verified' : answer === 'no' ? 'refused' : answer, milliseconds: 1 })
      if (answer === 'unavailable') throw new errors.ProviderUnavailableError({ cause: new Error('down') })
      return answer === 'yes' ? { clientId: credentials.clientId, roles: ['viewer'] } : null
    }
  }
  return { provider, got }
}

function setUp (answers: readonly Answer[], rules: readonly Partial<ChainMember>[], checksAssertions?: boolean) {
  const tellers = answers.map(answer => telling(answer, checksAssertions))
  const names = ['first', 'second', 'third']
  const chain = chainCredentialProviders(tellers.map(({ provider }, index) => ({ name: names[index]!, provider, ...rules[index] })))
  const events: ProviderEvent[] = []
  const verify = async (clientId: string, more: Partial<ClientCredentials> = {}, signal = new AbortController().signal) =>
    await chain.verify({ clientId, clientSecret: 'secret', apiKey: 'key', ...more }, { issuer: ISSUER, signal, report: event => { events.push(event) } })
  return { chain, events, verify, asked: () => tellers.map(({ got }) => got.length) }
}

t.test('by the beginning of the client id → that member alone', async t => {
  const { verify, asked, events } = setUp(['yes', 'yes', 'yes'], [{ clientIdPrefix: 'erp-' }, { clientIdPrefix: 'web-' }, {}])
  t.match(await verify('erp-1'), { clientId: 'erp-1' })
  t.match(await verify('web-1'), { clientId: 'web-1' })
  t.match(await verify('crm'), { clientId: 'crm' })
  t.match(await verify('ERP-1'), { clientId: 'ERP-1' })
  t.strictSame(asked(), [1, 1, 2])
  t.strictSame(events.map(({ provider }) => provider), ['first', 'second', 'third', 'third'], 'events have the name in the chain')
})

t.test('nobody is meant → null, and nobody is asked', async t => {
  const { verify, asked } = setUp(['yes'], [{ clientIdPrefix: 'erp-' }])
  t.equal(await verify('crm'), null)
  t.strictSame(asked(), [0])
})

t.test('B57 the first says no → nobody else gets the secret, unless it is named', async t => {
  const alone = setUp(['no', 'yes'], [{ clientIdPrefix: 'erp-' }, {}])
  t.equal(await alone.verify('erp-1'), null)
  t.strictSame(alone.asked(), [1, 0])

  const named = setUp(['no', 'yes'], [{ ifRefused: 'second' }, {}])
  t.match(await named.verify('crm'), { clientId: 'crm' })
  t.strictSame(named.asked(), [1, 1])
  t.strictSame(named.events.map(({ provider, outcome }) => [provider, outcome]), [['first', 'refused'], ['second', 'verified']])

  const yes = setUp(['yes', 'yes'], [{ ifRefused: 'second', ifUnavailable: 'second' }, {}])
  await yes.verify('crm')
  t.strictSame(yes.asked(), [1, 0], 'the first yes holds')

  const all = setUp(['no', 'no', 'no'], [{ ifRefused: 'second' }, { ifRefused: 'third' }, {}])
  t.equal(await all.verify('crm'), null)
  t.strictSame(all.asked(), [1, 1, 1])
})

t.test('B57 the first cannot tell → neither can the chain, unless another one is named and says yes', async t => {
  const alone = setUp(['unavailable', 'yes'], [{ ifRefused: 'second' }, {}])
  await t.rejects(alone.verify('crm'), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: 'down' } })
  t.strictSame(alone.asked(), [1, 0])

  const named = setUp(['unavailable', 'yes'], [{ ifUnavailable: 'second' }, {}])
  t.match(await named.verify('crm'), { clientId: 'crm' })
  t.strictSame(named.asked(), [1, 1])

  const refused = setUp(['unavailable', 'no'], [{ ifUnavailable: 'second' }, {}])
  await t.rejects(refused.verify('crm'), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' }, 'the no of one is not that of the other')
  t.strictSame(refused.asked(), [1, 1])

  const both = setUp(['no', 'unavailable'], [{ ifRefused: 'second' }, {}])
  await t.rejects(both.verify('crm'), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
})

t.test('B57 the caller has gone away → nobody else is asked', async t => {
  const { verify, asked } = setUp(['unavailable', 'yes'], [{ ifUnavailable: 'second' }, {}])
  await t.rejects(verify('crm', {}, AbortSignal.abort()), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
  t.strictSame(asked(), [1, 0])
})

t.test('by the issuer of the assertion → that member; an assertion that says nothing of it goes by the id', async t => {
  const { verify, asked, chain } = setUp(['yes', 'yes'], [{ issuer: 'https://login.example.com' }, {}], true)
  t.equal(chain.checksAssertions, true)
  const key = await clientKey()
  const of = async (iss: unknown) => await assertionOf('crm', key, { claims: { iss } })
  await verify('crm', { clientSecret: undefined, clientAssertion: await of('https://login.example.com') })
  t.strictSame(asked(), [1, 0])
  for (const assertion of [await of('https://login.example.com/'), await of('crm'), await of(7), await of(undefined), 'no JWT']) await verify('crm', { clientSecret: undefined, clientAssertion: assertion })
  t.strictSame(asked(), [1, 5])
  await verify('crm')
  t.strictSame(asked(), [1, 6], 'a secret is of no issuer')
})

t.test('an assertion → goes to nobody who would not look at it', async t => {
  const [first, second] = [telling('no', true), telling('yes')]
  const chain = chainCredentialProviders([{ name: 'first', provider: first.provider, ifRefused: 'second' }, { name: 'second', provider: second.provider }])
  t.equal(chain.checksAssertions, true)
  t.equal(await chain.verify({ clientId: 'crm', clientSecret: undefined, apiKey: undefined, clientAssertion: 'a.b.c' }, { issuer: ISSUER, signal: new AbortController().signal }), null)
  t.strictSame([first.got.length, second.got.length], [1, 0])
  t.equal(chainCredentialProviders([{ name: 'second', provider: second.provider }]).checksAssertions, false)
})

t.test('a chain → keeps the contract as its members do', async t => {
  await credentialProviderContract(t, () => {
    const subject = tableSubject()
    const nobody = telling('no').provider
    return { ...subject, provider: chainCredentialProviders([{ name: 'nobody', provider: nobody, ifRefused: 'table' }, { name: 'table', provider: subject.provider }]) }
  })
})

t.test('two stores, each with its clients → each client by its own secret alone', async (t: Test) => {
  const stores = await Promise.all([openStore('sqlite::memory:'), openStore('sqlite::memory:')])
  t.teardown(async () => { await Promise.all(stores.map(async store => { await store.close() })) })
  const [erp, own] = stores
  const a = await erp!.clients.create({ id: 'erp-1', roles: ['viewer'] })
  const b = await own!.clients.create({ id: 'crm', roles: ['viewer'] })
  const chain = chainCredentialProviders([
    { name: 'erp', provider: storeCredentialProvider(erp!), clientIdPrefix: 'erp-' },
    { name: 'own', provider: storeCredentialProvider(own!) }
  ])
  const verify = async (clientId: string, { clientSecret, apiKey }: typeof a) => await chain.verify({ clientId, clientSecret, apiKey }, { issuer: ISSUER, signal: new AbortController().signal })
  t.ok(await verify('erp-1', a))
  t.ok(await verify('crm', b))
  t.equal(await verify('erp-1', b), null)
  t.equal(await verify('crm', a), null)
})

t.test('members that overlap, are never asked or are no members → refused at once, with what to write', async t => {
  const { provider } = telling('yes')
  const asserting = telling('yes', true).provider
  const a = { name: 'a', provider }
  const b = { name: 'b', provider }
  const wrong: [unknown, RegExp][] = [
    [undefined, /write a list/],
    [[], /write a list/],
    [[null], /\[0\]: write \{ name, provider \}/],
    [[provider], /\[0\]\.verify: there is no such member; there are name, provider,/],
    [[{ provider }], /\[0\]\.name: write a name/],
    [[{ name: '', provider }], /\[0\]\.name: write a name/],
    [[{ name: 'a' }], /\[0\]\.provider: pass an object with a verify method/],
    [[{ ...a, clientIdPrefix: '' }], /\[0\]\.clientIdPrefix: write a text, or leave it out/],
    [[{ ...a, issuer: 7 }], /\[0\]\.issuer: write a text/],
    [[{ ...a, issuer: 'x', clientIdPrefix: 'y' }], /\[0\]: write clientIdPrefix or issuer, not both/],
    [[{ ...a, issuer: 'x' }], /\[0\]\.issuer: this provider looks at no assertions/],
    [[{ ...a, clientIdPrefix: 'x' }, { ...a, clientIdPrefix: 'y' }], /\[1\]\.name: another member has the name 'a'/],
    [[{ ...a, clientIdPrefix: 'x-' }, { ...b, clientIdPrefix: 'x-' }], /\[1\]\.clientIdPrefix: 'x-' and 'x-' of 'a' overlap/],
    [[{ ...a, clientIdPrefix: 'x-' }, { ...b, clientIdPrefix: 'x-y-' }], /'x-y-' and 'x-' of 'a' overlap; write prefixes of which none begins with another/],
    [[{ ...a, clientIdPrefix: 'x-y-' }, { ...b, clientIdPrefix: 'x-' }], /'x-' and 'x-y-' of 'a' overlap/],
    [[{ ...a, provider: asserting, issuer: 'x' }, { ...b, provider: asserting, issuer: 'x' }], /\[1\]\.issuer: 'a' is asked about this issuer already/],
    [[a, b], /\[1\]: 'b' is never asked, since 'a' before it gets all questions\. Give one of them clientIdPrefix or issuer, or name it: ifRefused: 'b'\./],
    [[a, { ...b, clientIdPrefix: 'x' }], /\[1\]: 'b' is never asked, .+ Write it before that one\./],
    [[{ ...a, ifRefused: 'c' }, { ...b }], /\[1\]: 'b' is never asked/],
    [[{ ...a, ifRefused: 'c' }], /ifRefused of 'a': there is no member 'c'; there are 'a'\./],
    [[{ ...a, ifUnavailable: 'a' }], /ifUnavailable of 'a': 'a' has been asked already by then/],
    [[{ ...a, ifRefused: 'b' }, { ...b, ifUnavailable: 'a' }], /ifUnavailable of 'b': 'a' has been asked already by then/]
  ]
  for (const [members, message] of wrong) {
    t.throws(() => chainCredentialProviders(members as ChainMember[]), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, String(message))
  }
})
