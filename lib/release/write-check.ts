import { classify, type SchemaContext } from './classify.js'
import type { Fault } from './fault.js'
import { SchemaFields, type Field } from './fields.js'
import type { JsonSchema } from './json-schema.js'
import { refusalsBy, type RefusalOf } from './write-refusal.js'

/** Checks bodies against an annotated schema before anything else is done with them. */
export interface WriteCheck {
  readonly faults: readonly Fault[]
  readonly claimSets: readonly string[]
  /** All fields that the schema names, whoever may write them. */
  readonly fields: readonly Field[]
  readonly refusal: RefusalOf
}

export function createWriteCheck (schema: JsonSchema, context: SchemaContext = {}): WriteCheck {
  const { root, inputFaults, claimSets } = classify(schema, context)
  return {
    faults: inputFaults,
    claimSets,
    get fields () { return new SchemaFields(root).all },
    refusal: refusalsBy(root)
  }
}
