import { createSecureContext } from 'node:tls'
import type { Static, TSchema } from '@sinclair/typebox'
import { OptionInvalidError } from '../errors.js'
import { isSafe } from '../issuers/safe-url.js'
import type { AnswerLifetimes } from './answer-cache.js'
import type { BreakerSettings } from './breaker.js'
import type { OriginClientSettings, OriginTls } from './origin-client.js'
import type { ClientCredentials, Principal } from './provider.js'
import { readerOf, type PrincipalPointers, type ReadAnswer } from './rest-answer.js'

export interface RestProviderOptions<Schema extends TSchema = TSchema> {
  /** Where the credentials are posted to. https, http on loopback hosts only; nothing else is ever asked. */
  readonly url: string | URL
  /** The provider's name in events and the log. Default: `rest`. */
  readonly name?: string
  /** Headers of each request, such as the one by which the external system knows this one. */
  readonly headers?: Readonly<Record<string, string | undefined>>
  /** What is posted, as JSON. Default: `{ clientId, clientSecret, apiKey }`, with `clientAssertion` where there is one. */
  readonly request?: (credentials: ClientCredentials) => unknown
  /** TypeBox schema of the body of an answer 200. Default: that of a principal, or with `principal` anything. */
  readonly answer?: Schema
  /** The principal in that body: a function, for which null is a no, or JSON pointers by member (RFC 6901). Default: the body is one. */
  readonly principal?: PrincipalPointers | ((body: Static<Schema>, credentials: ClientCredentials) => Principal | null)
  /** Whether the external system verifies JWTs of clients as well (`clientAssertion`). Default: false. */
  readonly checksAssertions?: boolean
  /** Seconds for all of a question, at most 9; for so long it waits for a connection, too. Default: 5. */
  readonly timeout?: number
  /** Bytes of an answer, at most. Default: 65,536. */
  readonly sizeLimit?: number
  /** Connections at once, at most. Default: 16. */
  readonly connections?: number
  /** How often a question is asked again whose connection broke before anything was answered, from 0 to 3. Default: 1. */
  readonly retries?: number
  /** When the external system is left alone; false: never. Default: of five requests within ten seconds more than half failed; tried again after ten. */
  readonly breaker?: Partial<BreakerSettings> | false
  readonly tls?: OriginTls
  /** For how many seconds an answer is used again. Default: not at all. */
  readonly cache?: AnswerLifetimes
}

/** The same after checking, with the defaults. */
export interface RestProviderSettings {
  readonly name: string
  readonly headers: Readonly<Record<string, string>>
  readonly request: (credentials: ClientCredentials) => unknown
  readonly read: ReadAnswer
  readonly checksAssertions: boolean
  readonly client: OriginClientSettings
  readonly breaker: BreakerSettings | undefined
  readonly cache: AnswerLifetimes
}

const NAMES = ['url', 'name', 'headers', 'request', 'answer', 'principal', 'checksAssertions', 'timeout', 'sizeLimit', 'connections', 'retries', 'breaker', 'tls', 'cache']

/** Of a request as such, and of its connection. */
const NOT_YOURS = ['host', 'content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'accept-encoding', 'connection', 'keep-alive', 'upgrade', 'expect', 'te', 'trailer']

/** @throws {FST_KEYHOLE_OPTION_INVALID} naming the option and what to write. */
export function checkedRestOptions<Schema extends TSchema> (options: RestProviderOptions<Schema>): RestProviderSettings {
  if (typeof options !== 'object' || options === null) throw invalid("write an object, { url: 'https://clients.example.com/verify' }.")
  requireMembers('', options, NAMES)
  const { name = 'rest', headers = {}, request = presented, checksAssertions = false, timeout = 5, sizeLimit = 65_536, connections = 16, retries = 1, breaker = {}, tls = {}, cache = {} } = options
  if (typeof name !== 'string' || name === '') throw invalid('name: write a name for events and the log.')
  if (typeof request !== 'function') throw invalid('request: write a function that makes the body of the credentials.')
  if (typeof checksAssertions !== 'boolean') throw invalid('checksAssertions: write true or false.')
  requireNumber('timeout', timeout, 'seconds, more than 0 and 9 at most', timeout > 0 && timeout <= 9)
  requireWhole('sizeLimit', sizeLimit, 1, 16_777_216)
  requireWhole('connections', connections, 1, 1024)
  requireWhole('retries', retries, 0, 3)
  return {
    name,
    headers: { accept: 'application/json', ...checkedHeaders(headers), 'content-type': 'application/json' },
    request,
    read: readerOf(options),
    checksAssertions,
    client: { url: checkedUrl(options.url), tls: checkedTls(tls), connections, retries, timeout: timeout * 1000, sizeLimit },
    breaker: breaker === false ? undefined : checkedBreaker(breaker),
    cache: checkedCache(cache)
  }
}

function presented ({ clientId, clientSecret, apiKey, clientAssertion }: ClientCredentials): object {
  return { clientId, clientSecret, apiKey, clientAssertion }
}

function checkedUrl (given: unknown): URL {
  const text = given instanceof URL ? given.href : given
  if (typeof text !== 'string' || !URL.canParse(text) || !isSafe(new URL(text)) || new URL(text).hash !== '') {
    throw invalid("url: write the https URL that answers, for example 'https://clients.example.com/verify'; http on loopback hosts only, no credentials in it.")
  }
  return new URL(text)
}

function checkedHeaders (given: Readonly<Record<string, string | undefined>>): Record<string, string> {
  if (typeof given !== 'object' || given === null) throw invalid('headers: write an object, { authorization: process.env.VERIFY_TOKEN }.')
  return Object.fromEntries(Object.entries(given).map(([name, value]) => {
    const lower = name.toLowerCase()
    if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw invalid(`headers['${name}']: that is no name of a header.`)
    if (NOT_YOURS.includes(lower)) throw invalid(`headers['${name}']: this header is not yours to set.`)
    if (value === undefined || value === '') throw invalid(`headers['${name}']: there is no value. If it comes from the environment, set the variable.`)
    if (typeof value !== 'string' || !/^[\t\x20-\x7e]+$/.test(value)) throw invalid(`headers['${name}']: write printable ASCII in one line.`)
    return [lower, value]
  }))
}

function checkedTls (tls: OriginTls): OriginTls {
  requireMembers('tls', tls, ['ca', 'cert', 'key', 'passphrase'])
  if ((tls.cert === undefined) !== (tls.key === undefined)) throw invalid('tls: write cert together with key.')
  try {
    createSecureContext(tls)
  } catch {
    throw invalid('tls: write ca, cert and key as PEM, with the key of that certificate.')
  }
  return tls
}

function checkedBreaker (breaker: Partial<BreakerSettings>): BreakerSettings {
  requireMembers('breaker', breaker, ['requests', 'wait'])
  const { requests = 5, wait = 10 } = breaker
  requireWhole('breaker.requests', requests, 1, 1000)
  requireNumber('breaker.wait', wait, 'seconds, more than 0 and 300 at most', wait > 0 && wait <= 300)
  return { requests, wait }
}

function checkedCache (cache: AnswerLifetimes): AnswerLifetimes {
  requireMembers('cache', cache, ['yes', 'no'])
  for (const [name, value] of Object.entries(cache)) requireNumber(`cache.${name}`, value, 'seconds, from 0 to 300', value >= 0 && value <= 300)
  return cache
}

function requireMembers (name: string, given: object, members: readonly string[]): void {
  if (typeof given !== 'object' || given === null) throw invalid(`${name}: write an object with ${members.join(', ')}, or some of them.`)
  const unknown = Object.keys(given).find(member => !members.includes(member))
  if (unknown !== undefined) throw invalid(`${name === '' ? '' : `${name}.`}${unknown}: there is no such option; there are ${members.join(', ')}.`)
}

function requireWhole (name: string, value: number, least: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < least || value > most) throw invalid(`${name}: write a whole number from ${least} to ${most.toLocaleString('en')}.`)
}

function requireNumber (name: string, value: number, range: string, fits: boolean): void {
  if (typeof value !== 'number' || !fits) throw invalid(`${name}: write ${range}.`)
}

function invalid (message: string): Error {
  return new OptionInvalidError(`restCredentialProvider: ${message}`)
}
