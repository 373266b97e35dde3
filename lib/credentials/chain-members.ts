import { OptionInvalidError } from '../errors.js'
import type { CredentialProvider } from './provider.js'

/** A provider, and which questions are for it. */
export interface ChainMember {
  /** In events, the log, and where others name it. */
  readonly name: string
  readonly provider: CredentialProvider
  /** It is asked about clients whose id begins so. */
  readonly clientIdPrefix?: string
  /** It is asked about clients that present a JWT of this issuer; `iss`, character by character. */
  readonly issuer?: string
  /** Who is asked when this one has said no: that member gets the same credentials, secret included. Default: nobody; the client is refused. */
  readonly ifRefused?: string
  /** Who is asked when this one cannot tell. Default: nobody; the client is told to come back. */
  readonly ifUnavailable?: string
}

const MEMBERS = ['name', 'provider', 'clientIdPrefix', 'issuer', 'ifRefused', 'ifUnavailable']

/**
 * Members each of which some question may reach, and no question two of them by itself.
 * @throws {FST_KEYHOLE_OPTION_INVALID}
 */
export function checkedMembers (members: readonly ChainMember[]): readonly ChainMember[] {
  if (!Array.isArray(members) || members.length === 0) throw invalid("write a list, [{ name: 'store', provider: storeCredentialProvider(store) }].")
  const checked = members.map(checkedMember)
  requireDistinct(checked)
  requireReachable(checked)
  for (const member of checked) requireEnd(member, checked)
  return checked
}

function checkedMember (member: ChainMember, index: number): ChainMember {
  const where = `[${index}]`
  if (typeof member !== 'object' || member === null) throw invalid(`${where}: write { name, provider }.`)
  const unknown = Object.keys(member).find(name => !MEMBERS.includes(name))
  if (unknown !== undefined) throw invalid(`${where}.${unknown}: there is no such member; there are ${MEMBERS.join(', ')}.`)
  for (const name of ['name', 'clientIdPrefix', 'issuer', 'ifRefused', 'ifUnavailable'] as const) {
    const value: unknown = member[name]
    if (value === undefined ? name === 'name' : typeof value !== 'string' || value === '') throw invalid(`${where}.${name}: write ${name === 'name' ? 'a name for events and the log' : 'a text, or leave it out'}.`)
  }
  if (typeof member.provider?.verify !== 'function') throw invalid(`${where}.provider: pass an object with a verify method.`)
  if (member.clientIdPrefix !== undefined && member.issuer !== undefined) throw invalid(`${where}: write clientIdPrefix or issuer, not both.`)
  if (member.issuer !== undefined && member.provider.checksAssertions !== true) {
    throw invalid(`${where}.issuer: this provider looks at no assertions, so it would never be asked. Leave issuer out, or pass one with checksAssertions.`)
  }
  return Object.freeze({ ...member })
}

function requireDistinct (members: readonly ChainMember[]): void {
  members.forEach(({ name, clientIdPrefix, issuer }, index) => {
    for (const other of members.slice(0, index)) {
      if (other.name === name) throw invalid(`[${index}].name: another member has the name '${name}'.`)
      if (issuer !== undefined && other.issuer === issuer) throw invalid(`[${index}].issuer: '${other.name}' is asked about this issuer already.`)
      if (clientIdPrefix !== undefined && other.clientIdPrefix !== undefined && (clientIdPrefix.startsWith(other.clientIdPrefix) || other.clientIdPrefix.startsWith(clientIdPrefix))) {
        throw invalid(`[${index}].clientIdPrefix: '${clientIdPrefix}' and '${other.clientIdPrefix}' of '${other.name}' overlap; write prefixes of which none begins with another.`)
      }
    }
  })
}

/** A member without a condition gets all that comes as far as it. */
function requireReachable (members: readonly ChainMember[]): void {
  const isForAll = ({ clientIdPrefix, issuer }: ChainMember) => clientIdPrefix === undefined && issuer === undefined
  const last = members.findIndex(isForAll)
  const following = members.flatMap(({ ifRefused, ifUnavailable }) => [ifRefused, ifUnavailable])
  members.forEach((member, index) => {
    if (last === -1 || index <= last || (isForAll(member) && following.includes(member.name))) return
    throw invalid(`[${index}]: '${member.name}' is never asked, since '${members[last]!.name}' before it gets all questions. ${isForAll(member)
      ? `Give one of them clientIdPrefix or issuer, or name it: ifRefused: '${member.name}'.`
      : 'Write it before that one.'}`)
  })
}

/** Whoever is asked next is there, and nobody is asked twice. */
function requireEnd (member: ChainMember, members: readonly ChainMember[], asked: readonly string[] = []): void {
  const path = [...asked, member.name]
  for (const option of ['ifRefused', 'ifUnavailable'] as const) {
    const name = member[option]
    if (name === undefined) continue
    const next = members.find(other => other.name === name)
    if (next === undefined) throw invalid(`${option} of '${member.name}': there is no member '${name}'; there are ${members.map(other => `'${other.name}'`).join(', ')}.`)
    if (path.includes(name)) throw invalid(`${option} of '${member.name}': '${name}' has been asked already by then.`)
    requireEnd(next, members, path)
  }
}

function invalid (message: string): Error {
  return new OptionInvalidError(`chainCredentialProviders: ${message}`)
}
