import { OptionInvalidError } from '../../errors.js'
import { checkIssuer, ISSUER_MEMBERS, type IssuerOption } from '../../issuers/issuer-option.js'
import { SILENT, type IssuerLog } from '../../issuers/remote-keys.js'
import { safeUrl } from '../../issuers/safe-url.js'
import type { AnswerLifetimes } from '../answer-cache.js'
import type { ApiKeyOptions } from '../api-keys.js'
import type { ClientAuthentication, OAuthPreset } from './preset.js'
import { OAUTH_PRESETS, type OAuthPresetName } from './presets.js'
import { anyIssuer } from './presets/any-issuer.js'
import { checkRoles, type RolesOption } from './roles.js'

/** Whom clients' secrets are forwarded to, and what is made of its answer. */
export interface OAuthProviderOptions extends IssuerOption, ApiKeyOptions {
  /** How the vendor's token endpoint and tokens differ. Default: not at all from RFC 6749 and RFC 9068. */
  readonly preset?: OAuthPresetName
  /** What must be among `aud` of its access tokens, character by character. May be left out with `introspection`, and for Amazon Cognito. */
  readonly audience?: string
  /** Default: as the preset says, or the issuer's metadata. */
  readonly tokenEndpoint?: string
  /** How clients' secrets are sent there. Default: as the preset says, else `client_secret_basic`. */
  readonly clientAuthentication?: ClientAuthentication
  /** What each request says beside `grant_type` and the credentials: `{ scope: 'roles' }`. */
  readonly parameters?: Readonly<Record<string, string>>
  /** For access tokens that are no JWTs: the issuer is asked what they say (RFC 7662). */
  readonly introspection?: IntrospectionOption
  /** How roles come about. Default: the claim that the preset names, else `roles`, word by word. */
  readonly roles?: RolesOption
  /** Seconds for each request to the issuer, at most 9; for so long it waits for a connection, too. Default: 5. */
  readonly timeout?: number
  /** For how many seconds an answer is used again, at most 300. Default: not at all. */
  readonly cache?: AnswerLifetimes
  /** Where it is said what becomes of the issuer's keys. Default: nowhere. */
  readonly log?: IssuerLog
}

/** Who asks about an access token. */
export interface IntrospectionOption {
  /** Default: as the issuer's metadata says. */
  readonly endpoint?: string
  /** The protected resource that we are to the issuer. Default: each client asks about its own token. */
  readonly clientId?: string
  readonly clientSecret?: string
}

/** Options after checking, with what the preset says. */
export interface OAuthSettings {
  readonly preset: OAuthPreset
  readonly issuer: IssuerOption
  readonly audience: string | undefined
  readonly tokenEndpoint: string | undefined
  readonly clientAuthentication: ClientAuthentication
  readonly parameters: Readonly<Record<string, string>>
  readonly introspection: IntrospectionOption | undefined
  readonly roles: RolesOption
  /** Milliseconds. */
  readonly timeout: number
  readonly cache: AnswerLifetimes
  readonly log: IssuerLog
}

const MEMBERS = [
  ...ISSUER_MEMBERS, 'preset', 'audience', 'tokenEndpoint', 'clientAuthentication', 'parameters', 'introspection', 'roles', 'timeout', 'cache', 'log', 'apiKeys', 'requireApiKey'
]

/** Parameters that are the provider's own to write. */
const RESERVED = ['grant_type', 'client_id', 'client_secret', 'client_assertion', 'client_assertion_type']

const LEVELS = ['info', 'warn', 'error'] as const

/**
 * Checks the options of the OAuth provider.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option and what to write.
 */
export function oauthSettings (options: OAuthProviderOptions): OAuthSettings {
  if (typeof options !== 'object' || options === null) refuse("write an object, { issuer: 'https://login.example.com', audience: 'https://api.example.com' }.")
  const unknown = Object.keys(options).find(name => !MEMBERS.includes(name))
  if (unknown !== undefined) refuse(`there is no option ${unknown}; there are ${MEMBERS.join(', ')}.`)
  const { issuer, jwks, jwksOrigin, preset: name, audience, tokenEndpoint, introspection, roles = {}, timeout = 5, cache = {}, log = SILENT } = options
  const preset = presetOf(name)
  const { clientAuthentication = preset.clientAuthentication } = options
  checkIssuer({ issuer, jwks, jwksOrigin }, 'oauthCredentialProvider')
  if (audience !== undefined ? !isText(audience) : introspection === undefined && preset.isAudienceClient !== true) {
    refuse('write audience, this API as aud of the issuer\'s access tokens names it.')
  }
  if (introspection !== undefined && (jwks !== undefined || jwksOrigin !== undefined)) refuse('leave out jwks and jwksOrigin; with introspection no keys are needed.')
  checkUrl('tokenEndpoint', tokenEndpoint)
  if (!['client_secret_basic', 'client_secret_post'].includes(clientAuthentication)) refuse("clientAuthentication: write 'client_secret_basic' or 'client_secret_post', as the issuer wants it.")
  checkIntrospection(introspection)
  checkRoles(roles, refuse)
  if (!LEVELS.every(level => typeof log?.[level] === 'function')) refuse('log: write app.log, or leave it out.')
  if (typeof timeout !== 'number' || !(timeout > 0 && timeout <= 9)) refuse('timeout: write seconds, more than 0 and 9 at most.')
  if (!isLifetimes(cache)) refuse('cache: write { yes, no }, or one of them, in seconds from 0 to 300.')
  return {
    preset,
    issuer: { issuer, ...(jwks !== undefined && { jwks }), ...(jwksOrigin !== undefined && { jwksOrigin }) },
    audience,
    tokenEndpoint: tokenEndpoint ?? (preset.tokenEndpoint && new URL(preset.tokenEndpoint, issuer.replace(/\/?$/, '/')).href),
    clientAuthentication,
    parameters: parametersOf(options, preset),
    introspection,
    roles,
    timeout: timeout * 1000,
    cache,
    log
  }
}

function presetOf (name: OAuthPresetName | undefined): OAuthPreset {
  if (name === undefined) return anyIssuer
  if (!Object.hasOwn(OAUTH_PRESETS, name)) refuse(`preset: write ${Object.keys(OAUTH_PRESETS).join(', ')}, or leave it out.`)
  const preset = OAUTH_PRESETS[name]
  return 'impossible' in preset ? refuse(`preset: ${preset.impossible}`) : preset
}

function parametersOf ({ audience, parameters = {} }: OAuthProviderOptions, preset: OAuthPreset): Readonly<Record<string, string>> {
  if (!isTexts(parameters)) refuse("parameters: write what each request to the token endpoint says, { scope: 'roles' }.")
  const reserved = RESERVED.find(name => Object.hasOwn(parameters, name))
  if (reserved !== undefined) refuse(`parameters.${reserved}: leave it out; the provider writes it.`)
  const all = { ...preset.parameters, ...parameters }
  const missing = preset.demanded.find(name => !Object.hasOwn(all, name))
  if (missing !== undefined) refuse(`parameters.${missing}: write it, for the token endpoint of this preset answers no request without it: { ${missing}: 'roles' }.`)
  if (audience === undefined && Object.values(all).some(value => value.includes('{audience}'))) refuse('write audience, which requests to the token endpoint of this preset name.')
  return Object.fromEntries(Object.entries(all).map(([name, value]) => [name, value.replaceAll('{audience}', () => String(audience))]))
}

function checkIntrospection (introspection: IntrospectionOption | undefined): void {
  if (introspection === undefined) return
  const isKnown = typeof introspection === 'object' && introspection !== null && Object.keys(introspection).every(name => ['endpoint', 'clientId', 'clientSecret'].includes(name))
  const { endpoint, clientId, clientSecret } = isKnown ? introspection : { clientId: '' }
  if (!isKnown || (clientId === undefined) !== (clientSecret === undefined) || ![clientId, clientSecret].every(text => text === undefined || isText(text))) {
    refuse('introspection: write { clientId, clientSecret }, the protected resource that asks about access tokens; or {}, if each client may ask about its own.')
  }
  checkUrl('introspection.endpoint', endpoint)
}

function checkUrl (option: string, url: string | undefined): void {
  if (url !== undefined && safeUrl(url) === undefined) refuse(`${option}: write its URL: https (http on loopback hosts alone), without user.`)
}

function isLifetimes (value: unknown): value is AnswerLifetimes {
  return typeof value === 'object' && value !== null &&
    Object.entries(value).every(([name, seconds]) => ['yes', 'no'].includes(name) && typeof seconds === 'number' && seconds >= 0 && seconds <= 300)
}

function isText (value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}

function isTexts (value: unknown): value is Readonly<Record<string, string>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.values(value).every(isText)
}

function refuse (cure: string): never {
  throw new OptionInvalidError(`oauthCredentialProvider: ${cure}`)
}
