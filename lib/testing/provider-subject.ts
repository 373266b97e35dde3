import type { ClientCredentials, CredentialProvider, Principal } from '../credentials/provider.js'
import { OptionInvalidError } from '../errors.js'

/** What the `t` of a test framework has to be able to do. That of tap is, and that of node:test. */
export interface ContractTest {
  test (name: string, options: { skip?: string }, run: (t: ContractTest) => Promise<void>): PromiseLike<unknown>
  /** Runs the work when the test is over. */
  after (work: () => unknown): unknown
}

/** What a provider cannot have, and why: the test of it is skipped with this reason. */
export interface Without {
  readonly without: string
}

/** A client in good standing. */
export interface KnownClient {
  /** Right ones. */
  readonly credentials: ClientCredentials
  /** What the provider answers to them; members that are left out are not compared. */
  readonly principal: Principal
}

/** A provider with all that its contract is tested by. */
export interface ProviderSubject {
  readonly provider: CredentialProvider
  readonly client: KnownClient
  /** Another one, with credentials of its own. */
  readonly other: KnownClient
  /** Right credentials of a client that is disabled. */
  readonly disabled: ClientCredentials | Without
  /** Credentials of which a secret has expired, and nothing else is wrong. */
  readonly expired: ClientCredentials | Without
  /** Those of one client while its secret is rotated: with the new one, and with the one before. */
  readonly rotating: readonly [ClientCredentials, ClientCredentials] | Without
  /** From now on the provider cannot tell, since what it asks is down. */
  readonly fails: (() => unknown) | Without
  /** From now on what it asks does not answer, until the function that is returned is called. */
  readonly waits: (() => () => unknown) | Without
  /** By a name for the test: from now on what it asks answers about `client` with something that cannot be right. */
  readonly malformed: Readonly<Record<string, () => unknown>> | Without
  /** All that was logged so far. */
  readonly logged: (() => string) | Without
}

/** The parts that a provider may be without. */
export type Optional = { [Name in keyof ProviderSubject]: Without extends ProviderSubject[Name] ? Name : never }[keyof ProviderSubject]

const OPTIONAL: readonly Optional[] = ['disabled', 'expired', 'rotating', 'fails', 'waits', 'malformed', 'logged']

/**
 * Why parts are missing, by name.
 * @throws {FST_KEYHOLE_OPTION_INVALID} for one that was forgotten.
 */
export function reasonsWithout (subject: ProviderSubject): ReadonlyMap<Optional, string> {
  return new Map(OPTIONAL.flatMap((name): [Optional, string][] => {
    const part: unknown = subject[name]
    if (typeof part === 'function') return []
    if (typeof part !== 'object' || part === null) throw invalid(`${name} is missing; write it, or ${name}: { without: 'the reason' }.`)
    if (!('without' in part)) return []
    if (typeof part.without !== 'string' || part.without === '') throw invalid(`${name}.without: write the reason.`)
    return [[name, part.without]]
  }))
}

function invalid (message: string): Error {
  return new OptionInvalidError(`credentialProviderContract: ${message}`)
}
