import { OptionInvalidError } from '../errors.js'
import type { PolicyDocument } from './document.js'
import { followPolicy, type FollowedPolicy, type PolicyLog } from './follow-policy.js'
import { policyFile } from './policy-file.js'
import type { PolicySource } from './policy-source.js'
import { asPolicy, type Policy } from './policy.js'
import { publishedPolicy, type PublishedPolicies } from './published-policy.js'

/** What can be written for the option `policy` of a plugin. */
export type PolicyOption =
  /** A policy, which the application replaces by itself. */
  | Policy
  /** A document to make one of. */
  | PolicyDocument
  /** A JSON file with the document: its path, or URL. What is written there later comes into force. */
  | { readonly file: string | URL }
  /** A store: what was published there last is in force. */
  | { readonly store: PolicyStore }

/** A store as far as policies are concerned. */
export interface PolicyStore { readonly policies: PublishedPolicies }

/**
 * Checks the option `policy`.
 * @param store the plugin's own store, whose policies are followed where the option is left out
 * @throws {FST_KEYHOLE_OPTION_INVALID} saying what to write.
 * @throws {FST_KEYHOLE_POLICY_INVALID} for a document with faults.
 */
export function checkedPolicy (given: PolicyOption | undefined, store: unknown): Policy | PolicySource {
  if (given === undefined && isPolicyStore(store)) return publishedPolicy(store.policies)
  if (typeof given !== 'object' || given === null) {
    throw new OptionInvalidError("policy: pass a policy, the document to make one of, { file: 'policy.json' }, or { store }.")
  }
  const [member, ...more] = Object.keys(given)
  if (more.length === 0 && member === 'file') return policyFile(checkedFile((given as { readonly file: unknown }).file))
  if (more.length === 0 && member === 'store') return publishedPolicy(checkedStore((given as { readonly store: unknown }).store).policies)
  return asPolicy(given as Policy | PolicyDocument)
}

/** The policy that was given, or one that follows its source. */
export async function openPolicy (given: Policy | PolicySource, log: PolicyLog): Promise<FollowedPolicy> {
  return 'read' in given ? await followPolicy(given, log) : { policy: given, close () {} }
}

function checkedFile (file: unknown): string | URL {
  if ((typeof file === 'string' && file !== '') || (file instanceof URL && file.protocol === 'file:')) return file
  throw new OptionInvalidError("policy.file: write the path of a policy document in JSON, for example 'policy.json', or its file: URL.")
}

function checkedStore (store: unknown): PolicyStore {
  if (isPolicyStore(store)) return store
  throw new OptionInvalidError("policy.store: pass the store in which policies are published, for example await openStore('sqlite:keyhole.db').")
}

function isPolicyStore (store: unknown): store is PolicyStore {
  return typeof (store as { readonly policies?: Partial<PublishedPolicies> } | null | undefined)?.policies?.latest === 'function'
}
