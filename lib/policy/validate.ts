import { Value } from '@sinclair/typebox/value'
import { CLAIM_SET_NAME, PolicyDocumentSchema, SCOPE_TOKEN, type PolicyDocument } from './document.js'

/** One reason why a policy document is refused. */
export interface PolicyFault {
  /** Where, as a JSON pointer (RFC 6901). */
  readonly pointer: string
  /** What is wrong, and what to write instead. */
  readonly message: string
}

/** All faults of a policy document, of shape first and, once the shape holds, of meaning; none when it is good. */
export function policyFaults (document: unknown): PolicyFault[] {
  const shape = [...Value.Errors(PolicyDocumentSchema, document)]
    .map(({ path, message, schema }) => ({ pointer: path, message: `${message.toLowerCase()}; ${schema['cure']}` }))
  return shape.length > 0 ? distinct(shape) : meaningFaults(document as PolicyDocument)
}

function meaningFaults ({ claimSets, scopes, roles }: PolicyDocument): PolicyFault[] {
  const faults: PolicyFault[] = []
  const fault = (path: string[], message: string) => faults.push({ pointer: jsonPointer(path), message })

  for (const name of Object.keys(claimSets)) {
    if (!CLAIM_SET_NAME.test(name)) fault(['claimSets', name], 'a claim set name has letters, digits and _, a letter first')
    else if (name in Object.prototype) fault(['claimSets', name], `'${name}' is a member of every JavaScript object; choose another name`)
  }
  for (const [name, scope] of Object.entries(scopes)) {
    if (!SCOPE_TOKEN.test(name)) fault(['scopes', name], 'not a scope token: printable ASCII without space, " and \\ (RFC 6749 3.3)')
    for (const member of ['reads', 'writes'] as const) {
      scope[member]?.forEach((claimSet, index) => {
        if (!Object.hasOwn(claimSets, claimSet)) fault(['scopes', name, member, String(index)], `unknown claim set '${claimSet}'; known: ${listed(claimSets)}`)
      })
    }
  }
  for (const [name, held] of Object.entries(roles)) {
    if (name.trim() !== name || name === '') fault(['roles', name], 'a role name is not empty and has no space at its ends')
    held.forEach((scope, index) => {
      if (!Object.hasOwn(scopes, scope)) fault(['roles', name, String(index)], `unknown scope '${scope}'; known: ${listed(scopes)}`)
    })
  }
  return faults
}

function distinct (faults: PolicyFault[]): PolicyFault[] {
  return faults.filter(({ pointer }, index) => faults.findIndex(other => other.pointer === pointer) === index)
}

function listed (record: object): string {
  return Object.keys(record).join(', ')
}

/** RFC 6901. */
export function jsonPointer (path: readonly string[]): string {
  return path.map(step => '/' + step.replaceAll('~', '~0').replaceAll('/', '~1')).join('')
}
