import { isSafe } from '../../issuers/safe-url.js'
import { ok, warning, wrong, type Finding } from './finding.js'

/** Members that clients and guards look for (RFC 8414 2); each endpoint is a URL. */
const ENDPOINTS = ['token_endpoint', 'jwks_uri', 'introspection_endpoint', 'revocation_endpoint'] as const
const REQUIRED = ['token_endpoint', 'jwks_uri'] as const
const LISTS = ['grant_types_supported', 'token_endpoint_auth_methods_supported', 'scopes_supported'] as const

const PROXY = 'Is this the token endpoint of fastify-keyhole, and does what stands before it pass answers as they are?'

/** What an issuer says of itself: that it is this one, and everything that others need. */
export function examineMetadata (issuer: string, metadata: unknown): Finding[] {
  if (typeof metadata !== 'object' || metadata === null || Array.isArray(metadata)) return [wrong('metadata', 'is no JSON object', PROXY)]
  const members = new Map<string, unknown>(Object.entries(metadata))
  const named = members.get('issuer')
  const findings = [
    ...named === issuer ? [] : [wrong('metadata', `names another issuer: ${quoted(named)}`, `Write the option issuer of the token endpoint and --issuer alike, character by character: it is iss in every token (RFC 8414 3.3). Here it is ${quoted(issuer)}.`)],
    ...REQUIRED.filter(name => !members.has(name)).map(name => wrong('metadata', `lacks ${name}`, PROXY)),
    ...LISTS.filter(name => !isFilled(members.get(name))).map(name => wrong('metadata', `lacks ${name}, or it is no list of names`, PROXY)),
    ...ENDPOINTS.flatMap(name => members.has(name) ? faultOf(name, members.get(name), issuer) : [])
  ]
  return findings.length > 0 ? findings : [ok('metadata', `names this issuer and ${members.size - 1} more members`)]
}

/** The member that leads to the keys, where it can be read. */
export function jwksUriOf (metadata: unknown): string | undefined {
  const uri = (metadata as { readonly jwks_uri?: unknown } | null)?.jwks_uri
  return typeof uri === 'string' && URL.canParse(uri) && isSafe(new URL(uri)) ? uri : undefined
}

/** The scopes that it serves, where it says so. */
export function scopesOf (metadata: unknown): readonly string[] | undefined {
  const scopes = (metadata as { readonly scopes_supported?: unknown } | null)?.scopes_supported
  return isFilled(scopes) ? scopes : undefined
}

function faultOf (name: string, value: unknown, issuer: string): Finding[] {
  if (typeof value !== 'string' || !URL.canParse(value)) return [wrong('metadata', `${name} is no URL: ${quoted(value)}`, PROXY)]
  if (!isSafe(new URL(value))) return [wrong('metadata', `${name} is plain http: ${quoted(value)}`, 'Write https in the option issuer: the endpoints are made of it.')]
  if (new URL(value).origin !== new URL(issuer).origin) return [warning('metadata', `${name} is at another origin: ${quoted(value)}`, 'If that is not meant, look at what stands before the token endpoint; others may refuse it.')]
  return []
}

function isFilled (value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string')
}

function quoted (value: unknown): string {
  return (JSON.stringify(value) ?? 'nothing').slice(0, 200)
}
