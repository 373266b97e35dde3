import { Type } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { Principal } from './provider.js'

const PrincipalSchema = Type.Object({
  clientId: Type.String(),
  roles: Type.Array(Type.String()),
  grants: Type.Optional(Type.Array(Type.String())),
  claims: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  audiences: Type.Optional(Type.Array(Type.String())),
  resources: Type.Optional(Type.Array(Type.String())),
  dpopBound: Type.Optional(Type.Boolean()),
  tokenLifetime: Type.Optional(Type.Integer({ minimum: 1 }))
})

const check = TypeCompiler.Compile(PrincipalSchema)

/**
 * What a credential provider answered, if it is null or a principal of the client that presented the credentials.
 * @throws {TypeError} for anything else; the message says where, never what stands there.
 */
export function checkedPrincipal (answer: unknown, clientId: string): Principal | null {
  if (answer === null) return null
  if (!check.Check(answer)) {
    const { path, message } = check.Errors(answer).First()!
    throw new TypeError(`the credential provider answered with no principal: ${path || '/'}: ${message}`)
  }
  if (answer.clientId !== clientId) throw new TypeError('the credential provider answered with another client')
  return answer
}
