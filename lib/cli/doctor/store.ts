import { createPolicy } from '../../policy/policy.js'
import type { PolicyDocument } from '../../policy/document.js'
import type { PolicySnapshot } from '../../policy/snapshot.js'
import { checkMigrations } from '../../store/migrations-at.js'
import type { Store } from '../../store/store.js'
import { checkStore, withStore, type StoreWords } from '../with-store.js'
import { ok, warning, wrong, type Finding } from './finding.js'
import type { Examined } from './issuer.js'
import { examineKeys } from './keys.js'

/** A store and what is in it; nothing of it is changed. @param served what its issuer serves, if that was asked */
export async function examineStore (words: StoreWords, served: Pick<Examined, 'jwks' | 'scopes'>, now: number): Promise<Finding[]> {
  try {
    checkStore(words.store)
    const { applied, pending, unknown } = await checkMigrations(words.store)
    if (unknown.length > 0) return [wrong('store', `a later version of fastify-keyhole has changed its tables: ${unknown.join(', ')}`, 'Update this one.')]
    // Opening it would bring it up to date.
    if (pending.length > 0) return [wrong('store', `its tables are not up to date; pending: ${pending.join(', ')}`, 'keyhole migrate, or start the application, which does the same.')]
    return await withStore(words, async store => [
      ok('store', `opens, with its ${applied.length} migrations`),
      ...examineKeys(await store.keys.list(), served.jwks, now),
      ...await examinePolicy(store, served.scopes)
    ])
  } catch (error) {
    return [wrong('store', (error as Error).message, 'Is its URL right, is the database up, may this user read and write it?')]
  }
}

async function examinePolicy ({ policies, clients }: Store, served: readonly string[] | undefined): Promise<Finding[]> {
  const latest = await policies.latest()
  if (latest === null) return [warning('policy', 'none was published', 'keyhole policy publish, unless the application takes its policy from a file.')]
  const policy = validPolicy(latest)
  if (typeof policy === 'string') return [wrong('policy', `the latest is refused: ${policy}`, 'keyhole policy rollback to an earlier one: keyhole policy history shows them.')]
  const isOther = served !== undefined && !isSame(served, Object.keys(policy.document.scopes))
  const unheld = (await clients.list()).filter(({ disabled, roles }) => !disabled && roles.some(role => !Object.hasOwn(policy.document.roles, role))).map(({ id }) => id)
  return [
    isOther
      ? warning('policy', `the issuer serves other scopes than the latest, ${policy.version}`, 'It follows a store within a second. Was it given another policy, or another store?')
      : ok('policy', policy.version),
    ...unheld.length === 0 ? [] : [warning('clients', `${unheld.length} have a role that the policy lacks: ${unheld.slice(0, 5).join(', ')}${unheld.length > 5 ? ', …' : ''}`, 'Such a role gives nothing. Add it to the policy, or take it from the client: store.clients.update(id, { roles }).')]
  ]
}

function validPolicy (document: PolicyDocument): PolicySnapshot | string {
  try {
    return createPolicy(document).current
  } catch (error) {
    return (error as Error).message.replaceAll('\n', ' ')
  }
}

function isSame (some: readonly string[], others: readonly string[]): boolean {
  return some.length === others.length && some.every(name => others.includes(name))
}
