import { Option, type Command } from 'commander'
import type { NewClient } from '../store/store.js'
import { PIPED, parseJson, readInput } from './input.js'
import { CommandError, type Terminal } from './terminal.js'
import { wholeSeconds } from './times.js'

/** What a client is registered for, as options say it. `false` where nothing of it is to be left. */
export interface RegistrationWords {
  readonly claims?: string
  readonly audience?: readonly string[] | false
  readonly jwks?: string
  readonly jwksUrl?: string
  readonly federatedIssuer?: string
  readonly federatedSubject?: string
  readonly federatedAudience?: string
  readonly apiKey?: boolean
  readonly grant?: readonly string[]
  readonly resource?: readonly string[] | false
  readonly tokenLifetime?: number | false
  readonly dpopBound?: boolean
}

/** The members of a client that those options give; `tokenLifetime` is for each command to say. */
export type Registration = Pick<NewClient, 'claims' | 'audiences' | 'jwks' | 'jwksUrl' | 'federated' | 'requireApiKey' | 'grants' | 'resources' | 'dpopBound'>

/** Adds the options of what a new client, or one that changes, is registered for. */
export function registrationOptions (command: Command): Command {
  return command
    .option('--claims <file>', 'its own claims: a JSON file, or - for what is piped in')
    .addOption(several('--audience <audience>', 'what it is as a protected resource, whose tokens it may introspect; again for each'))
    .option('--jwks <file>', 'with private_key_jwt: its public keys, a JWK Set as a JSON file, or - for what is piped in')
    .option('--jwks-url <url>', 'with private_key_jwt: where it publishes them, in place of --jwks')
    .option('--federated-issuer <url>', 'with federated: the trusted issuer')
    .option('--federated-subject <sub>', "with federated: the subject of that issuer's tokens")
    .option('--federated-audience <aud>', 'with federated: the audience of its tokens; this issuer, where nothing is written')
    .option('--api-key', 'it needs an API key as well; a new client with a secret does by itself')
    .option('--no-api-key', 'it needs none: its secret is enough')
    .addOption(several('--grant <type>', 'grant type that it may use; again for each; client_credentials, where it has none'))
    .addOption(several('--resource <uri>', 'audience that it may ask tokens for, beside that of the endpoint; again for each'))
    .addOption(new Option('--token-lifetime <seconds>', 'lifetime of its tokens; that of the endpoint, where it has none').argParser(wholeSeconds))
    .option('--dpop-bound', 'it gets no token but one that is bound to its key')
}

/** The members of a client that were written. @throws {CommandError} when a file cannot be read or is no JSON, or half of a federated identity is missing */
export async function registrationFrom (words: RegistrationWords, stdin: Terminal['stdin']): Promise<Registration> {
  const { claims, audience, jwks, jwksUrl, apiKey, grant, resource, dpopBound } = words
  const json = async <T>(file: string) => parseJson<T>(file, await readInput(file, stdin))
  return {
    ...(claims !== undefined && { claims: await json<Record<string, unknown>>(claims) }),
    ...(audience !== undefined && { audiences: audience || [] }),
    ...(jwks !== undefined && { jwks: await json<NonNullable<NewClient['jwks']>>(jwks) }),
    ...(jwksUrl !== undefined && { jwksUrl }),
    ...federatedFrom(words),
    ...(apiKey !== undefined && { requireApiKey: apiKey }),
    ...(grant !== undefined && { grants: grant }),
    ...(resource !== undefined && { resources: resource || [] }),
    ...(dpopBound !== undefined && { dpopBound })
  }
}

/** An option that is written once for each of its values. */
export function several (flags: string, description: string): Option {
  return new Option(flags, description).argParser((value: string, before: readonly string[] | false = []) => [...before || [], value])
}

/** One option at most takes what is piped in. @param files each option that takes a file, with what was written @throws {CommandError} when more than one is what is piped in */
export function checkPiped (files: Readonly<Record<string, string | undefined>>): void {
  const piped = Object.entries(files).filter(([, file]) => file === PIPED).map(([option]) => option)
  if (piped.length > 1) throw new CommandError(`${piped.join(' and ')}: one of them can be what is piped in; write a file for the other.`)
}

function federatedFrom ({ federatedIssuer: issuer, federatedSubject: subject, federatedAudience: audience }: RegistrationWords): Pick<NewClient, 'federated'> {
  if (issuer === undefined && subject === undefined && audience === undefined) return {}
  if (issuer === undefined || subject === undefined) throw new CommandError('Write --federated-issuer and --federated-subject, both, and --federated-audience where it has one.')
  return { federated: { issuer, subject, ...(audience !== undefined && { audience }) } }
}
