import type { JWKSet } from '../../keys/jwk.js'
import { MARGIN } from '../../keys/lifecycle.js'
import type { StoredKey } from '../../keys/storage.js'
import { at } from '../times.js'
import { ok, warning, wrong, type Finding } from './finding.js'

/** Days after which a key that signs ought to have been followed by another. */
const OLD = 90
const DAY = 86_400

/** The keys in a store. @param now seconds since the epoch @param jwks what its issuer serves, if that was asked */
export function examineKeys (keys: readonly StoredKey[], jwks: JWKSet | undefined, now: number): Finding[] {
  const active = keys.find(({ state }) => state === 'active')
  const next = keys.find(({ state }) => state === 'next')
  if (active === undefined) return [warning('keys', 'none signs', 'The first start of the token endpoint makes one.')]
  return [
    examineAge(active, next, now),
    examineSealing(keys),
    ...jwks === undefined ? [] : [compared(keys, jwks)]
  ]
}

function examineAge ({ kid, alg, signsFrom }: StoredKey, next: StoredKey | undefined, now: number): Finding {
  const days = Math.floor((now - signsFrom) / DAY)
  const message = `${kid} (${alg}) has signed for ${days} days`
  if (next !== undefined) {
    const message = `${kid} signs, ${next.kid} is next from ${at(next.signsFrom)}`
    return now > next.signsFrom + MARGIN
      ? warning('keys', `${message}, and should sign by now`, 'A running token endpoint lets it sign within a second: does one run on this store, and can it decrypt that key?')
      : ok('keys', message)
  }
  if (signsFrom > now + MARGIN) return wrong('keys', `${kid} signs from ${at(signsFrom)} on, which is in the future`, 'Is the clock of this machine, or of one that rotated keys, wrong?')
  return days >= OLD ? warning('keys', message, 'keyhole keys rotate, or keys: { rotateEvery } of the token endpoint.') : ok('keys', message)
}

function examineSealing (keys: readonly StoredKey[]): Finding {
  const open = keys.filter(({ sealing }) => sealing === 'none').map(({ kid }) => kid)
  return open.length === 0
    ? ok('keys', 'private keys are encrypted')
    : warning('keys', `not encrypted: the private key of ${open.join(' and ')}`, 'Open the store with keyEncryption; keys that are there are encrypted when they are used next.')
}

function compared (keys: readonly StoredKey[], { keys: served }: JWKSet): Finding {
  const isServed = ({ kid, publicJwk }: StoredKey) => served.some(jwk => jwk.kid === kid && Object.entries(publicJwk).every(([member, value]) => jwk[member] === value))
  const missing = keys.filter(key => !isServed(key)).map(({ kid }) => kid)
  const foreign = served.filter(({ kid }) => !keys.some(key => key.kid === kid)).map(({ kid }) => kid ?? 'one without kid')
  if (missing.length + foreign.length === 0) return ok('keys', 'the issuer serves these, and no others')
  const faults = [['not served', missing], ['not in the store', foreign]] as const
  return wrong('keys', faults.filter(([, kids]) => kids.length > 0).map(([what, kids]) => `${what}: ${kids.join(', ')}`).join('; '),
    'Is this the store of that issuer? Right after a change it may be a cache in between, for five minutes.')
}
