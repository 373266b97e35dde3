import { CLAIM_SET_KEYWORD } from './annotation.js'
import { mapSchema, type JsonSchema } from './json-schema.js'
import { unknownKeywords } from './keywords.js'
import type { References } from './references.js'

/** What stands against the keywords of one schema that write nothing, in words. @param base the `$id` against which its references are resolved */
export function keywordFaults (schema: JsonSchema, base: string, references: References): string[] {
  return [
    ...unknownKeywords(schema).map(keyword => {
      const cure = /^claims?[-_]?sets?$|^claims?$/i.test(keyword) ? "Write 'claimSet'." : "Remove it, or name it 'x-…' if it only describes."
      return `the keyword '${keyword}' is not known, so what it releases is not either. ${cure}`
    }),
    ...schema.prefixItems === undefined ? [] : ['the serializer does not look at prefixItems. Write them as items: [ … ].'],
    ...ASSERTING.filter(keyword => schema[keyword] !== undefined).flatMap(keyword => assertionFaults(keyword, schema[keyword], base, references))
  ]
}

/** Keywords with schemas that only assert. */
const ASSERTING = ['if', 'not', 'contains', 'propertyNames', 'dependencies', 'dependentSchemas', 'unevaluatedItems', 'unevaluatedProperties']

/** Those in which nobody looks for a field of the data, so that an annotated schema can be used again. */
const DECIDING = new Set(['if', 'not'])

/** Schemas that only assert write nothing; but a union or condition may have to look into them. */
function assertionFaults (keyword: string, value: unknown, base: string, references: References): string[] {
  const schemas: JsonSchema[] = []
  mapSchema({ [keyword]: value }, (_copy, schema) => schemas.push(schema))
  const isAnnotated = !DECIDING.has(keyword) && schemas.some(schema => Object.hasOwn(schema, CLAIM_SET_KEYWORD))
  const refs = schemas.flatMap(({ $ref }) => typeof $ref === 'string' ? [$ref] : [])
  const ambiguous = schemas.some(({ $id }) => typeof $id === 'string') ? refs.filter(ref => ref.startsWith('#')) : []
  return [
    ...isAnnotated ? [`a claim set inside of ${keyword} governs nothing, for nothing is written by it. Annotate the field where it is declared.`] : [],
    ...refs.flatMap(ref => {
      if (ambiguous.includes(ref)) return [ambiguousReference(ref)]
      return references.resolve(ref, base) === undefined ? [danglingReference(ref)] : []
    })
  ]
}

export function danglingReference (ref: string): string {
  return `the reference '${ref}' leads nowhere`
}

export function ambiguousReference (ref: string): string {
  return `the reference '${ref}' stands below an $id of its own, where serializer and validator read it differently. Refer to the $id.`
}
