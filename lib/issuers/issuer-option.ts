import { OptionInvalidError } from '../errors.js'
import type { JWKSet } from '../keys/jwk.js'

/** An issuer of tokens that is not ours, and where its keys are. */
export interface IssuerOption {
  /** What `iss` of its tokens says, character by character; a slash at its end counts. https, http on loopback hosts only. */
  readonly issuer: string
  /** The issuer's public keys. */
  readonly jwks: JWKSet
}

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Whether what is at this URL comes from whom it names: https, or a host that is this machine. */
export function isSafe ({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))
}

/**
 * A list of issuers, each of them once.
 * @param option the option that this is the value of
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the issuer and what to write.
 */
export function checkIssuers (issuers: unknown, option: string): asserts issuers is readonly IssuerOption[] {
  if (!Array.isArray(issuers) || issuers.length === 0) {
    throw new OptionInvalidError(`${option}: write a list of issuers, [{ issuer: 'https://login.example.com' }].`)
  }
  const names = issuers.map((given: Partial<IssuerOption> | null | undefined, index) => checkedName(given?.issuer, `${option}[${index}].issuer`))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new OptionInvalidError(`${option}: '${twice}' stands there twice; write it once.`)
}

function checkedName (name: unknown, option: string): string {
  const url = typeof name === 'string' && URL.canParse(name) ? new URL(name) : undefined
  if (url === undefined || !isSafe(url) || url.username !== '' || url.password !== '' || /[?#\s]/.test(name as string)) {
    throw new OptionInvalidError(`${option}: write what iss says in the issuer's tokens, for example 'https://login.example.com': https (http on loopback hosts alone), without user, query or fragment.`)
  }
  return name as string
}
