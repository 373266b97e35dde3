import { PolicyInvalidError } from '../errors.js'
import { lookAgain } from '../look-again.js'
import { createPolicy, type Policy } from './policy.js'
import type { PolicySource } from './policy-source.js'
import { policyVersion } from './version.js'

/** Where it is said that a policy was replaced, or could not be. */
export interface PolicyLog {
  info (details: object, message: string): void
  error (details: object, message: string): void
}

/** A policy that follows its source until it is closed. */
export interface FollowedPolicy {
  readonly policy: Policy
  close (): void
}

/**
 * Reads a policy and follows its source: what is found there is put in force within a second and the time that
 * reading takes. Where it is no good document, or cannot be read, the policy in force stays. Each such document is
 * logged once, with all its faults, and so is each time of being out of reach.
 *
 * It looks, also where it is told: by that it sees every way in which a file is replaced, on every file system, and
 * what another process published. It keeps no process alive.
 * @throws {FST_KEYHOLE_POLICY_INVALID} for a first document with faults; what reading it throws goes through.
 */
export async function followPolicy (source: PolicySource, log: PolicyLog): Promise<FollowedPolicy> {
  const policy = createPolicy(await source.read())
  let closed = false
  let known: string | undefined

  const stop = lookAgain(async () => {
    try {
      const document = await source.read()
      if (closed) return
      if (policyVersion(document) !== policy.current.version) {
        log.info({ policy: policy.replace(document).version, source: source.name }, 'policy replaced')
      } else if (known !== undefined) {
        log.info({ policy: policy.current.version, source: source.name }, 'the policy in force is there again')
      }
      known = undefined
    } catch (error) {
      if (closed) return
      const { message } = error as Error
      const fault = error instanceof PolicyInvalidError ? message : 'out of reach'
      if (fault !== known) log.error({ policy: policy.current.version, source: source.name, reason: message }, 'no other policy can be put in force; the one in force stays')
      known = fault
    }
  }, source.onChange)

  return Object.freeze({
    policy,
    close () {
      closed = true
      stop()
    }
  })
}
