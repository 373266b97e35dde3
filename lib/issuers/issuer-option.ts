import { OptionInvalidError } from '../errors.js'
import type { JWKSet } from '../keys/jwk.js'
import { safeUrl } from './safe-url.js'

/** An issuer of tokens that is not ours, and where its keys are. */
export interface IssuerOption {
  /** What `iss` of its tokens says, character by character; a slash at its end counts. https, http on loopback hosts only. */
  readonly issuer: string
  /** The issuer's public keys, or the URL of its key set. Default: where the issuer's metadata says. */
  readonly jwks?: JWKSet | string
  /** The origin where the metadata may say that the key set is, beside the issuer's own: `'https://keys.example.com'`. */
  readonly jwksOrigin?: string
}

export const ISSUER_MEMBERS: readonly string[] = ['issuer', 'jwks', 'jwksOrigin']

/**
 * Checks a list of issuers, each of them once.
 * @param option the option that this is the value of
 * @param members what may stand there of an issuer
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the issuer and what to write.
 */
export function checkIssuers (issuers: unknown, option: string, members = ISSUER_MEMBERS): asserts issuers is readonly IssuerOption[] {
  if (!Array.isArray(issuers) || issuers.length === 0) {
    throw new OptionInvalidError(`${option}: write a list of issuers, [{ issuer: 'https://login.example.com' }].`)
  }
  issuers.forEach((issuer: Partial<IssuerOption> | null | undefined, index) => {
    const unknown = Object.keys(issuer ?? {}).find(member => !members.includes(member))
    if (unknown !== undefined) throw new OptionInvalidError(`${option}[${index}].${unknown}: there is no such member; there are ${members.join(', ')}.`)
    checkIssuer(issuer ?? {}, `${option}[${index}]`)
  })
  const names = issuers.map(({ issuer }: IssuerOption) => issuer)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new OptionInvalidError(`${option}: '${twice}' stands there twice; write it once.`)
}

/**
 * Checks what an option says of one issuer.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the member and what to write.
 */
export function checkIssuer ({ issuer, jwks, jwksOrigin }: { readonly [Member in keyof IssuerOption]?: unknown }, option: string): void {
  if (safeUrl(issuer) === undefined || /[?#\s]/.test(String(issuer))) {
    throw new OptionInvalidError(`${option}.issuer: write what iss says in the issuer's tokens, for example 'https://login.example.com': https (http on loopback hosts alone), without user, query or fragment.`)
  }
  checkJwks(jwks, `${option}.jwks`)
  if (jwksOrigin === undefined) return
  if (jwks !== undefined) throw new OptionInvalidError(`${option}.jwksOrigin: leave it out; jwks says where the keys are.`)
  if (safeUrl(jwksOrigin)?.origin !== jwksOrigin) {
    throw new OptionInvalidError(`${option}.jwksOrigin: write the origin of the issuer's key set, for example 'https://keys.example.com'.`)
  }
}

/**
 * Checks a key set, or the URL of one; the keys themselves are checked when they are loaded.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option and what to write.
 */
export function checkJwks (jwks: unknown, option: string): void {
  if (jwks !== undefined && (typeof jwks !== 'object' || jwks === null) && safeUrl(jwks) === undefined) {
    throw new OptionInvalidError(`${option}: write a JWK Set, or its URL: https (http on loopback hosts alone), without user.`)
  }
}
