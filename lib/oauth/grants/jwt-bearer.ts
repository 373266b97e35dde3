import { InvalidTokenError } from '../../access-token/errors.js'
import { own } from '../../access-token/compact.js'
import { isPlainJwt } from '../../issuers/plain-jwt.js'
import type { ReplayStorage } from '../../replay/replay-storage.js'
import type { DelegatedSubject, ReadDelegated } from '../delegated-subject.js'
import { OAuthError } from '../errors.js'
import { loggable } from '../loggable.js'
import type { Grant } from './grant.js'

interface JwtBearerDeps {
  readonly read: ReadDelegated
  readonly replays: ReplayStorage
}

/** For how many seconds a `jti` is remembered after its assertion expired: clocks differ. */
const GRACE = 60

const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/

/**
 * A client brings a JWT of a trusted issuer and gets a token for whom it speaks of, which ends when it does. With a
 * `jti` it is good once.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7523#section-2.1 RFC 7523, 2.1 and 3.1}
 */
export function jwtBearer ({ read, replays }: JwtBearerDeps): Grant {
  return Object.freeze<Grant>({
    type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
    async handle ({ parameters: { assertion, client_assertion: clientAssertion } }) {
      if (assertion === undefined || !COMPACT.test(assertion)) throw new OAuthError('invalid_request', 'assertion is missing, or is not one JWT')
      // The payload is what was signed, however often: another signature of it changes nothing.
      if (assertion.split('.')[1] === clientAssertion?.split('.')[1]) throw invalidGrant()
      const { subject, scopes, expiresAt, issuer, claims, header } = await readOrRefuse(read, assertion)
      if (!isPlainJwt(header)) throw invalidGrant()
      const jti = own(claims, 'jti')
      if (jti !== undefined && !await isFirst(replays, JSON.stringify([issuer, jti]), expiresAt + GRACE)) throw invalidGrant()
      return { subject, scopes, expiresAt }
    }
  })
}

async function readOrRefuse (read: ReadDelegated, assertion: string): Promise<DelegatedSubject> {
  let subject: DelegatedSubject | null
  try {
    subject = await read(assertion)
  } catch (error) {
    if (error instanceof InvalidTokenError) throw invalidGrant(error.reason)
    throw new OAuthError('temporarily_unavailable', 'the assertion cannot be checked now', { cause: loggable(error, [assertion]) })
  }
  if (subject === null) throw invalidGrant()
  return subject
}

async function isFirst (replays: ReplayStorage, id: string, expiresAt: number): Promise<boolean> {
  try {
    return await replays.use('assertion', id, expiresAt)
  } catch (error) {
    throw new OAuthError('temporarily_unavailable', 'the assertion cannot be checked now', { cause: loggable(error) })
  }
}

function invalidGrant (cause?: string): OAuthError {
  return new OAuthError('invalid_grant', 'the assertion does not hold', { cause })
}
