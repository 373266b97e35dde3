import { createTokenIssuer } from '../access-token/issue.js'
import { TestTokenError } from '../errors.js'
import { openKeyRing } from '../keys/key-ring.js'
import { guardsOf, type GuardForTests } from './guards.js'

/** What a token for a test says. */
export interface TestToken {
  /** Its scopes, separated by spaces. None when left out. */
  readonly scope?: string
  /** Default: `test-client`. */
  readonly clientId?: string
  /** Default: the client. */
  readonly subject?: string
  /** Needed where the application has guards for several audiences. */
  readonly audience?: string
  /** Whole seconds, from 1 to 86,400. Default: 300. */
  readonly lifetime?: number
}

/**
 * An access token that an application's own guard takes, for tests with `app.inject`:
 * signed with the issuer's key from the guard's store, without a client or a request to the token endpoint.
 *
 * @param app the application; it is made ready
 * @returns a compact JWS, for `Authorization: Bearer`
 * @throws {FST_KEYHOLE_TEST_TOKEN} where no guard with a store is registered, or guards for several audiences are
 * @throws {FST_KEYHOLE_OPTION_INVALID} for a lifetime that is no whole number of seconds from 1 to 86,400
 */
export async function tokenFor (app: TestedApp, token: TestToken = {}): Promise<string> {
  return (await issueFor(app, token)).token
}

/** What is needed of an application to make tokens for it. */
export interface TestedApp { readonly server: object, ready (): PromiseLike<unknown> }

/** A token, bound to a key where its thumbprint is given, and the guard that takes it. */
export async function issueFor (app: TestedApp, token: TestToken, boundTo?: string): Promise<{ readonly token: string, readonly guard: GuardForTests }> {
  await app.ready()
  const guard = chosen(guardsOf(app.server), token.audience)
  const { issuer, audience, keys } = guard
  if (keys === undefined) throw new TestTokenError('the guard knows only public keys. Register it with a store in tests, for example await openStore(\'sqlite::memory:\').')
  const { scope = '', clientId = 'test-client', subject = clientId, lifetime = 300 } = token
  const ring = await openKeyRing(keys)
  const issued = await createTokenIssuer({ issuer, signingKey: () => ring.signingKey })
    .issue({ subject, clientId, audience, scopes: scope === '' ? [] : scope.split(' '), boundTo, lifetime })
  return { token: issued.token, guard }
}

function chosen (guards: readonly GuardForTests[], audience: string | undefined): GuardForTests {
  const fitting = audience === undefined ? guards : guards.filter(guard => guard.audience === audience)
  const [guard] = fitting
  if (guard === undefined) throw new TestTokenError(`no resource guard ${audience === undefined ? 'is registered' : `has the audience ${audience}`}.`)
  if (new Set(fitting.map(other => other.audience)).size > 1) {
    throw new TestTokenError(`there are guards for several audiences. Choose one: audience: ${fitting.map(other => `'${other.audience}'`).join(' or ')}.`)
  }
  return guard
}
