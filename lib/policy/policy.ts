import { PolicyInvalidError } from '../errors.js'
import type { PolicyDocument } from './document.js'
import { policyFaults, type PolicyFault } from './validate.js'
import { createSnapshot, type PolicySnapshot } from './snapshot.js'

/** The policy in force. It is replaced as a whole; whoever needs it for one request takes `current` once. */
export interface Policy {
  /** The snapshot in force now. */
  readonly current: PolicySnapshot
  /**
   * Puts another document in force for all requests that begin from now on.
   * @throws {FST_KEYHOLE_POLICY_INVALID} when the document is refused; the one in force stays.
   */
  replace (document: unknown): PolicySnapshot
  /**
   * Calls the listener with each snapshot that is put in force from now on.
   * @returns a function that ends this
   */
  onReplace (listener: (snapshot: PolicySnapshot) => void): () => void
}

/**
 * Makes a policy of a document.
 * @throws {FST_KEYHOLE_POLICY_INVALID} with every fault and its JSON pointer.
 */
export function createPolicy (document: unknown): Policy {
  let current = load(document)
  const listeners = new Set<(snapshot: PolicySnapshot) => void>()
  return Object.freeze({
    get current () { return current },
    replace (next: unknown) {
      current = load(next)
      for (const listener of listeners) listener(current)
      return current
    },
    onReplace (listener: (snapshot: PolicySnapshot) => void) {
      // Its own function, so that a listener that is given twice is heard twice.
      const heard = (snapshot: PolicySnapshot) => listener(snapshot)
      listeners.add(heard)
      return () => { listeners.delete(heard) }
    }
  })
}

/** A policy as it is, or one made of a document. */
export function asPolicy (given: Policy | PolicyDocument): Policy {
  return isPolicy(given) ? given : createPolicy(given)
}

function isPolicy (given: unknown): given is Policy {
  return typeof given === 'object' && given !== null && typeof (given as Partial<Policy>).replace === 'function'
}

function load (document: unknown): PolicySnapshot {
  const faults = policyFaults(document)
  if (faults.length > 0) throw policyRefused(faults)
  return createSnapshot(structuredClone(document) as PolicyDocument)
}

/** What is thrown for a document with these faults: all of them in its message, and as data in `faults`. */
export function policyRefused (faults: readonly PolicyFault[]): Error & { readonly faults: readonly PolicyFault[] } {
  const lines = faults.map(({ pointer, message }) => `  ${pointer || '(document)'}: ${message}`)
  return Object.assign(new PolicyInvalidError(lines.join('\n')), { faults })
}
