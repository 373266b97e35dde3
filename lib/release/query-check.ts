import { ANY_TOKEN } from './annotation.js'
import { classify, type SchemaContext } from './classify.js'
import type { Fault } from './fault.js'
import { SchemaFields, type Field } from './fields.js'
import { mergedMembers, propertyNodes } from './governing.js'
import type { JsonSchema } from './json-schema.js'
import { leafSets } from './node.js'

/** A query field that asks about claim sets which the token may not read. */
export interface QueryRefusal {
  readonly name: string
  readonly claimSets: readonly string[]
}

/**
 * Checks a query string against its schema. To filter or sort by a field is to read it, so a query field
 * with claim sets takes the right to read them; one without (a page number) is open to any token.
 */
export interface QueryCheck {
  readonly faults: readonly Fault[]
  readonly claimSets: readonly string[]
  /** All fields that the schema names; those that any token may ask by have no claim sets. */
  readonly fields: readonly Field[]
  isDeclared (name: string): boolean
  refusal (names: readonly string[], readable: ReadonlySet<string>): QueryRefusal | undefined
}

export function createQueryCheck (schema: JsonSchema, context: SchemaContext = {}): QueryCheck {
  const { root, inputFaults, claimSets } = classify(schema, context)
  const members = mergedMembers([root]).map(propertyNodes)
  const governing = (name: string) => members.flatMap(nodesOf => nodesOf(name))
  return {
    faults: inputFaults.filter(({ kind }) => kind !== 'ungoverned'),
    claimSets,
    get fields () { return new SchemaFields(root).all },
    isDeclared: name => governing(name).length > 0,
    refusal (names, readable) {
      for (const name of names) {
        const denied = governing(name).flatMap(leafSets)
          .find(sets => sets.length > 0 && !sets.includes(ANY_TOKEN) && !sets.some(set => readable.has(set)))
        if (denied !== undefined) return { name, claimSets: denied }
      }
      return undefined
    }
  }
}
