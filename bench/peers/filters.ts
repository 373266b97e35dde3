import { defineAbility, subject, type MongoAbility } from '@casl/ability'
import { permittedFieldsOf } from '@casl/ability/extra'
import mask from 'json-mask'
import type { CustomerRecord } from '../record.js'

/** What is left of a record for whoever holds these scopes, a text as the token has it. */
export type Filter = (record: CustomerRecord, scope: string) => object

export const whole: Filter = record => record

/** What is written by hand where there is nothing else. */
export const byDelete: Filter = (record, scope) => {
  const scopes = scope.split(' ')
  const answer: Partial<CustomerRecord> = { ...record }
  const isProfile = scopes.includes('profile')
  if (!isProfile && !scopes.includes('contact')) {
    delete answer.name
    delete answer.email
  }
  if (!isProfile) {
    delete answer.age
    delete answer.language
    delete answer.newsletter
    delete answer.segment
    delete answer.since
    delete answer.orders
    delete answer.note
  }
  if (!scopes.includes('address')) delete answer.address
  if (!scopes.includes('banking')) delete answer.banking
  return answer
}

const FIELDS: Readonly<Record<string, readonly string[]>> = {
  contact: ['name', 'email'],
  profile: ['name', 'email', 'age', 'language', 'newsletter', 'segment', 'since', 'orders', 'note'],
  address: ['address'],
  banking: ['banking']
}

function fieldsOf (scope: string): string[] {
  return ['id', ...new Set(scope.split(' ').flatMap(name => FIELDS[name] ?? []))]
}

const abilities = new Map<string, MongoAbility>()

/** The ability is made once for each list of scopes; its fields are asked for, and picked, each time. */
export const byCasl: Filter = (record, scope) => {
  let ability = abilities.get(scope)
  if (ability === undefined) {
    ability = defineAbility(can => { can('read', 'Record', fieldsOf(scope)) })
    abilities.set(scope, ability)
  }
  const answer: Record<string, unknown> = {}
  const fields = permittedFieldsOf(ability, 'read', subject('Record', { ...record }), { fieldsFrom: rule => rule.fields ?? [] })
  for (const field of fields) answer[field] = record[field as keyof CustomerRecord]
  return answer
}

const masks = new Map<string, ReturnType<typeof mask.compile>>()

/** The mask is compiled once for each list of scopes. */
export const byMask: Filter = (record, scope) => {
  let compiled = masks.get(scope)
  if (compiled === undefined) {
    compiled = mask.compile(fieldsOf(scope).join())
    masks.set(scope, compiled)
  }
  return mask.filter(record, compiled)
}
