import type { TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { Principal } from '../../credentials/provider.js'
import { OptionInvalidError } from '../../errors.js'
import { CREDENTIAL_PARAMETERS } from '../credential-parameters.js'
import { OAuthError } from '../errors.js'
import { loggable } from '../loggable.js'
import type { Grant } from './grant.js'

/** A grant type of the application's own. */
export interface CustomGrant {
  /** The value of `grant_type`: an absolute URI (RFC 6749 4.5). A client uses it when its registration says so. */
  readonly type: string
  /** TypeBox schema of the parameters: strings, and lists of them for `resource` and `audience`. Default: `handle` looks at them itself. */
  readonly schema?: TSchema
  /**
   * Whom the token is for, and the scopes that it may have at most: the client gets of these what its roles hold as
   * well. null refuses the request with `invalid_grant`; what it throws is a 500, and goes to the log.
   */
  handle (request: CustomGrantRequest): CustomAuthorization | null | Promise<CustomAuthorization | null>
}

export interface CustomGrantRequest {
  /** Those of the request but the client's credentials. */
  readonly parameters: Readonly<Record<string, unknown>>
  /** The client that asks. It is authenticated. */
  readonly client: Principal
}

export interface CustomAuthorization {
  /** `sub` of the token. */
  readonly subject: string
  readonly scopes: readonly string[]
  /** When the token must have expired, in seconds since the epoch. Default: as long as others live. */
  readonly expiresAt?: number
}

/**
 * The application's grants.
 * @param others types that there are already
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the member and what to write.
 */
export function customGrants (given: readonly CustomGrant[], others: readonly string[]): Grant[] {
  if (!Array.isArray(given)) throw new OptionInvalidError("grants: write a list, [{ type: 'urn:example:grant', handle }].")
  const types = [...others, ...given.map(grant => grant?.type)]
  return given.map((grant, index) => {
    const { type, handle } = grant ?? {}
    if (typeof type !== 'string' || !URL.canParse(type)) throw new OptionInvalidError(`grants[${index}].type: write an absolute URI such as 'urn:example:grant' (RFC 6749 4.5).`)
    if (types.indexOf(type) !== others.length + index) throw new OptionInvalidError(`grants[${index}].type: there is a grant of this type already.`)
    if (typeof handle !== 'function') throw new OptionInvalidError(`grants[${index}].handle: write a function that says whom the token is for.`)
    return customGrant(grant, index)
  })
}

function customGrant (grant: CustomGrant, index: number): Grant {
  const check = grant.schema === undefined ? undefined : compiled(grant.schema, index)
  return Object.freeze<Grant>({
    type: grant.type,
    async handle ({ parameters, principal }) {
      const own = Object.fromEntries(Object.entries(parameters).filter(([name]) => !Object.hasOwn(CREDENTIAL_PARAMETERS, name)))
      if (check?.Check(own) === false) throw new OAuthError('invalid_request', 'a parameter of this grant is missing or wrong')
      const authorization = await asked(grant, { parameters: own, client: principal })
      if (authorization === null) throw new OAuthError('invalid_grant', 'the grant does not hold')
      return authorization
    }
  })
}

async function asked (grant: CustomGrant, request: CustomGrantRequest): Promise<CustomAuthorization | null> {
  try {
    const answer = await grant.handle(request)
    if (answer === null) return null
    const { subject, scopes, expiresAt } = answer
    if (typeof subject !== 'string' || subject === '' || !Array.isArray(scopes) || !(expiresAt === undefined || Number.isFinite(expiresAt))) {
      throw new TypeError('handle of a grant resolved to no { subject, scopes, expiresAt? }')
    }
    return { subject, scopes, ...(expiresAt !== undefined && { expiresAt }) }
  } catch (error) {
    throw new OAuthError('server_error', 'the grant could not be decided', { cause: loggable(error) })
  }
}

function compiled (schema: TSchema, index: number): ReturnType<typeof TypeCompiler.Compile> {
  try {
    return TypeCompiler.Compile(schema)
  } catch {
    throw new OptionInvalidError(`grants[${index}].schema: write a TypeBox schema, Type.Object({ … }).`)
  }
}
