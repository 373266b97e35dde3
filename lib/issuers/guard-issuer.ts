import { readJsonObject } from '../access-token/compact.js'
import type { IssuerRules } from '../access-token/issuer-rules.js'
import { requireClaims } from '../access-token/profile.js'
import { OptionInvalidError } from '../errors.js'
import type { KeySource } from '../keys/key-source.js'
import { claimsOf, requireHeaderOf, type ScopeMap } from './access-token-claims.js'
import { checkIssuers, ISSUER_MEMBERS, type IssuerOption } from './issuer-option.js'
import { PRESETS, type PresetName } from './presets.js'
import { rfc9068, type ClaimPath, type TokenProfile } from './token-profile.js'

/** An issuer whose access tokens a guard takes. */
export interface GuardIssuerOption extends IssuerOption {
  /** This API, as the issuer's tokens name it: must be among `aud`, character by character. */
  readonly audience: string
  /** How its access tokens differ from RFC 9068. Default: not at all. */
  readonly preset?: PresetName
  /** Where its tokens say what: a claim's name, or the names that lead to it: `['realm_access', 'roles']`. Default: as the preset says. */
  readonly claims?: {
    /** The scopes: a text with spaces between them, or a list. */
    readonly scope?: ClaimPath
    /** The client's id. */
    readonly clientId?: string
  }
  /** What the issuer calls a scope, and which scopes of the policy that is; what is not named grants nothing. Default: by their own names. */
  readonly scopes?: ScopeMap
}

/**
 * Checks the option `issuers` of a guard.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the issuer and what to write.
 */
export function checkedGuardIssuers (issuers: unknown): readonly GuardIssuerOption[] {
  checkIssuers(issuers, 'issuers', [...ISSUER_MEMBERS, 'audience', 'preset', 'claims', 'scopes'])
  return (issuers as readonly GuardIssuerOption[]).map(checked)
}

function checked (given: GuardIssuerOption, index: number): GuardIssuerOption {
  const refuse = (member: string, cure: string): never => { throw new OptionInvalidError(`issuers[${index}].${member}: ${cure}`) }
  const { audience, preset, claims = {}, scopes } = given
  if (!isText(audience)) refuse('audience', "write this API as the issuer's tokens name it in aud.")
  if (preset !== undefined && !Object.hasOwn(PRESETS, preset)) refuse('preset', `write ${Object.keys(PRESETS).join(', ')}, or leave it out for tokens as RFC 9068 has them.`)
  if (!isObject(claims) || Object.keys(claims).some(name => !['scope', 'clientId'].includes(name))) refuse('claims', 'write { scope, clientId }, either or both.')
  const { scope = [''], clientId = '-' } = claims
  if (!isText(scope) && !isTexts(scope)) refuse('claims.scope', "write the name of the claim that has the scopes, or the names that lead to it: ['realm_access', 'roles'].")
  if (!isText(clientId)) refuse('claims.clientId', "write the name of the claim that has the client's id.")
  if (scopes !== undefined && !(isObject(scopes) && Object.values(scopes).every(value => isText(value) || isTexts(value)))) {
    refuse('scopes', "write what the issuer calls a scope, and which scopes of the policy that is: { 'Customers.Read': 'profile' }.")
  }
  if (preset === 'google' && scopes === undefined) refuse('scopes', "write which account has which scopes, for Google's tokens have none: { '1048…': 'profile' }, by sub.")
  if (preset === 'google' && given.claims?.scope !== undefined) refuse('claims.scope', "leave it out: Google's accounts are told apart by sub, which alone is never given again.")
  const { jwksOrigin } = profileOf(given)
  return given.jwks !== undefined || jwksOrigin === undefined ? given : { jwksOrigin, ...given }
}

/** How access tokens of this issuer are verified, with these keys and no others. */
export function rulesOf (option: GuardIssuerOption, keys: KeySource, clockTolerance: number): IssuerRules {
  const { issuer, audience, scopes } = option
  const profile = profileOf(option)
  return Object.freeze<IssuerRules>({
    issuer,
    keys,
    revocations: undefined,
    requireHeader: header => { requireHeaderOf(profile, header) },
    requireClaims: (jws, now) => requireClaims(claimsOf(profile, scopes, jws, readJsonObject(jws.payload)), { issuer, audience, clockTolerance }, now)
  })
}

function profileOf ({ preset, claims: { scope, clientId } = {} }: GuardIssuerOption): TokenProfile {
  const profile = preset === undefined ? rfc9068 : PRESETS[preset]
  return { ...profile, ...(scope !== undefined && { scope: [scope] }), ...(clientId !== undefined && { clientId: [clientId] }) }
}

function isText (value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTexts (value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string')
}

function isObject (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
