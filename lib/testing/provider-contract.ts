import { CONTRACT } from './provider-cases.js'
import { reasonsWithout, type ContractTest, type ProviderSubject } from './provider-subject.js'

/**
 * The contract of a credential provider, as tests: each of them makes a subject of its own. What an implementation
 * cannot have is said by `make` in its place, `{ without: 'the reason' }`, and shows as skipped.
 *
 * @param t of tap or of node:test, whichever runs; neither is needed for the other
 * @param make the provider with clients that it knows, and with what makes it fail; it cleans up by `t.after`
 * @throws {FST_KEYHOLE_OPTION_INVALID} for a part that was forgotten.
 */
export async function credentialProviderContract (t: ContractTest, make: (t: Pick<ContractTest, 'after'>) => ProviderSubject | Promise<ProviderSubject>): Promise<void> {
  const missing = reasonsWithout(await make(t))
  for (const { name, needs, check } of CONTRACT) {
    const reason = needs === undefined ? undefined : missing.get(needs)
    await t.test(name, reason === undefined ? {} : { skip: `without ${needs}: ${reason}` }, async t => { await check(await make(t)) })
  }
}
