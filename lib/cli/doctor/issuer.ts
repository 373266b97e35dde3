import { fetchJson, NotThereError } from '../../issuers/fetch-json.js'
import type { JWKSet } from '../../keys/jwk.js'
import { keySet } from '../../keys/key-set.js'
import { metadataPath } from '../../oauth/issuer.js'
import { examineClock } from './clock.js'
import { ok, wrong, type Finding } from './finding.js'
import { examineMetadata, jwksUriOf, scopesOf } from './metadata.js'
import { examineTls } from './tls.js'

/** Milliseconds for an answer. */
const PATIENCE = 5000

/** What was found at an issuer, and what of it is compared with the store. */
export interface Examined {
  readonly findings: readonly Finding[]
  readonly jwks?: JWKSet
  readonly scopes?: readonly string[]
}

/** Asks an issuer as clients and guards do, for its metadata and its keys, and looks at the way there. */
export async function examineIssuer (issuer: string): Promise<Examined> {
  const url = new URL(issuer)
  const metadataUrl = url.origin + metadataPath(issuer)
  const tls = await examineTls(url)
  const clock = await examineAnswer(metadataUrl)
  if (clock.subject === 'issuer') return { findings: [clock, tls] }
  const answer = await read(metadataUrl, 'Is the path of --issuer that of the option issuer, and does what stands before the token endpoint pass it on?')
  if ('finding' in answer) return { findings: [answer.finding, tls, clock] }

  const { value } = answer
  const scopes = scopesOf(value)
  const jwksUri = jwksUriOf(value)
  const keys = jwksUri === undefined ? { findings: [] } : await examineKeySet(jwksUri)
  return {
    ...keys,
    ...(scopes !== undefined && { scopes }),
    findings: [ok('issuer', `answers at ${metadataUrl}`), tls, clock, ...examineMetadata(issuer, value), ...keys.findings]
  }
}

/** That it answers, whatever; and when it thinks that is. */
async function examineAnswer (url: string): Promise<Finding> {
  const from = Date.now()
  try {
    const { headers, body } = await fetch(url, { signal: AbortSignal.timeout(PATIENCE), redirect: 'manual' })
    const to = Date.now()
    await body?.cancel()
    return examineClock(headers, { from, to })
  } catch (error) {
    return wrong('issuer', `${url} does not answer: ${reasonOf(error)}`, 'Is it up, does its name resolve here, is a firewall in between? Where TLS is wrong, mend that first.')
  }
}

async function examineKeySet (url: string): Promise<Examined> {
  const answer = await read(url, 'Is the path jwks of the option paths passed on by what stands before the token endpoint?')
  if ('finding' in answer) return { findings: [{ ...answer.finding, subject: 'key set' }] }
  const jwks = answer.value as JWKSet
  try {
    keySet(jwks)
  } catch (error) {
    return { findings: [wrong('key set', (error as Error).message.replaceAll('\n', ' '), 'Guards refuse such keys. Is this the key set of the token endpoint? A private key that was published is to be replaced at once: keyhole keys retire.')] }
  }
  return { findings: [ok('key set', `${jwks.keys.length} ${jwks.keys.length === 1 ? 'key' : 'keys'} at ${url}`)], jwks }
}

async function read (url: string, cure: string): Promise<{ readonly value: unknown } | { readonly finding: Finding }> {
  try {
    return await fetchJson(url, AbortSignal.timeout(PATIENCE))
  } catch (error) {
    const isOther = error instanceof NotThereError || (error as Error).name === 'Error'
    return { finding: wrong('issuer', isOther ? (error as Error).message : `${url} does not answer: ${reasonOf(error)}`, cure) }
  }
}

/** What fetch says is in its cause. */
function reasonOf (error: unknown): string {
  const { message, cause } = error as Error
  if (cause instanceof AggregateError) return reasonOf(cause.errors[0])
  return cause instanceof Error ? cause.message : message
}
