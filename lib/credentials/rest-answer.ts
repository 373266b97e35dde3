import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import { ValuePointer } from '@sinclair/typebox/value'
import { OptionInvalidError } from '../errors.js'
import { checkedPrincipal } from './checked-principal.js'
import type { ClientCredentials, Principal } from './provider.js'

/** Where the members of a principal stand in an answer, as JSON pointers (RFC 6901). */
export type PrincipalPointers = { readonly [Member in keyof Principal]?: string } & { readonly roles: string }

/**
 * The principal in the body of an answer 200, or null where the body itself is a no.
 * @throws {Error} for a body of another shape, or about another client; no message quotes it.
 */
export type ReadAnswer = (body: unknown, credentials: ClientCredentials) => Principal | null

const MEMBERS = ['clientId', 'roles', 'grants', 'resources', 'claims', 'audiences', 'dpopBound', 'tokenLifetime']

interface Mapping {
  readonly answer?: TSchema
  readonly principal?: PrincipalPointers | ((body: never, credentials: ClientCredentials) => Principal | null)
}

/** @throws {FST_KEYHOLE_OPTION_INVALID} naming the option and what to write. */
export function readerOf ({ answer, principal }: Mapping): ReadAnswer {
  const check = answer === undefined ? undefined : compiled(answer)
  const mapped = mappingOf(principal)
  return (body, credentials) => {
    if (check?.Check(body) === false) throw new TypeError(`the answer does not fit the schema: ${faultOf(check.Errors(body).First()!)}`)
    return checkedPrincipal(mapped(body, credentials), credentials.clientId)
  }
}

function mappingOf (principal: Mapping['principal']): (body: unknown, credentials: ClientCredentials) => unknown {
  if (principal === undefined) {
    return body => {
      // Only a function may say no.
      if (body === null) throw new TypeError('the answer is null, and no principal')
      return body
    }
  }
  // The schema has said that the body is what the function takes.
  if (typeof principal === 'function') return principal as (body: unknown, credentials: ClientCredentials) => unknown
  const pointers = Object.entries(checkedPointers(principal))
  return (body, { clientId }) => {
    const found = pointers.map(([member, pointer]): [string, unknown] => [member, valueAt(body, pointer)])
    return { clientId, ...Object.fromEntries(found.filter(([, value]) => value !== undefined && value !== null)) }
  }
}

function valueAt (body: unknown, pointer: string): unknown {
  try {
    return ValuePointer.Get(body, pointer)
  } catch {
    // On the way there is a null.
    return undefined
  }
}

function checkedPointers (pointers: PrincipalPointers): PrincipalPointers {
  if (typeof pointers !== 'object' || pointers === null || pointers.roles === undefined) {
    throw invalid("principal: write a function, or JSON pointers with that of the roles at least, { roles: '/groups' }.")
  }
  for (const [member, pointer] of Object.entries(pointers)) {
    if (!MEMBERS.includes(member)) throw invalid(`principal.${member}: a principal has no such member; it has ${MEMBERS.join(', ')}.`)
    if (typeof pointer !== 'string' || !/^(?:\/(?:[^~/]|~[01])*)+$/.test(pointer)) throw invalid(`principal.${member}: write a JSON pointer such as '/client/${member}'.`)
  }
  return pointers
}

function compiled (schema: TSchema): ReturnType<typeof TypeCompiler.Compile> {
  try {
    return TypeCompiler.Compile(schema)
  } catch {
    throw invalid('answer: write a TypeBox schema, Type.Object({ … }).')
  }
}

/** Where, and what was expected; never what stands there. */
function faultOf ({ path, message }: { readonly path: string, readonly message: string }): string {
  return `${path || '/'}: ${message}`
}

function invalid (message: string): Error {
  return new OptionInvalidError(`restCredentialProvider: ${message}`)
}
