import { PolicyChangedError } from '../errors.js'
import type { PolicyDocument } from '../policy/document.js'
import { policyVersion } from '../policy/version.js'
import type { Policies } from '../store/store.js'
import { paintFor } from './colours.js'
import { changesText, policyChanges } from './policy-changes.js'
import { printable } from './tables.js'
import { EXIT, jsonOutcome, type Outcome, type Output } from './terminal.js'

/** How a policy is to be published. */
export interface Publishing {
  /** The version that has to be the latest; without it, the one that is the latest when this begins. */
  readonly ifVersion?: string
  readonly json?: true
}

/** Publishes a policy in place of the one that it was compared with, and tells how they differ. */
export async function publish (policies: Policies, document: PolicyDocument, { ifVersion, json }: Publishing, stdout: Output): Promise<Outcome> {
  const before = await policies.latest()
  const changes = policyChanges(before, document)
  try {
    const replaced = before === null ? null : policyVersion(before)
    const version = await policies.publish(document, { ifVersion: ifVersion ?? replaced })
    if (json) return jsonOutcome({ version, replaced, changes })
    return { text: `${changesText(changes, paintFor(stdout))}${version} is the latest policy.\n`, exit: EXIT.fine }
  } catch (error) {
    if (!(error instanceof PolicyChangedError)) throw error
    return json ? jsonOutcome({ error: error.message }, EXIT.finding) : { text: printable(error.message) + '\n', exit: EXIT.finding }
  }
}
