import { isSchema, type JsonSchema, type JsonSchemaOrBoolean } from './json-schema.js'

/** Keywords that only assert, or only describe: the serializer writes the same with and without them. */
const ASSERTIONS = [
  'required', 'minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf',
  'minItems', 'maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains', 'minProperties', 'maxProperties',
  'propertyNames', 'dependencies', 'dependentRequired', 'dependentSchemas', 'not', 'unevaluatedItems', 'unevaluatedProperties',
  'contentEncoding', 'contentMediaType'
]
const DESCRIPTIONS = [
  '$schema', '$comment', 'title', 'description', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly', 'externalDocs',
  'discriminator', 'xml', 'errorMessage'
]
const SHAPES = [
  '$id', '$ref', 'definitions', '$defs', 'type', 'nullable', 'format', 'enum', 'const', 'default', 'claimSet',
  'properties', 'patternProperties', 'additionalProperties', 'items', 'additionalItems', 'prefixItems', 'allOf', 'anyOf', 'oneOf', 'if', 'then', 'else'
]
const KNOWN = new Set([...ASSERTIONS, ...DESCRIPTIONS, ...SHAPES])
const DESCRIBING = new Set(DESCRIPTIONS)

/** Keywords whose meaning we do not know, and so not whether they release anything. `x-…` describes. */
export function unknownKeywords (schema: JsonSchema): string[] {
  return Object.keys(schema).filter(keyword => !KNOWN.has(keyword) && !keyword.startsWith('x-'))
}

export function isDescription (keyword: string): boolean {
  return DESCRIBING.has(keyword) || keyword.startsWith('x-')
}

/** The types of values without anything beneath them. */
export const SCALARS: ReadonlySet<string> = new Set(['string', 'number', 'integer', 'boolean', 'null'])

const IMPLIED_TYPES: readonly (readonly [string, readonly string[]])[] = [
  ['object', ['properties', 'required', 'additionalProperties', 'patternProperties', 'maxProperties', 'minProperties', 'dependencies']],
  ['array', ['items', 'additionalItems', 'maxItems', 'minItems', 'uniqueItems', 'contains']],
  ['string', ['maxLength', 'minLength', 'pattern']],
  ['number', ['multipleOf', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum']]
]

/**
 * The types that the serializer may take a schema to have: those it states, else those that its keywords imply to
 * fast-json-stringify, which takes the first, unless another part of a merge states one; a boolean schema has none.
 */
export function typesOf (schema: JsonSchemaOrBoolean): readonly string[] {
  if (!isSchema(schema)) return []
  if (Array.isArray(schema.type)) return schema.type as string[]
  if (typeof schema.type === 'string') return [schema.type]
  return IMPLIED_TYPES.filter(([, keywords]) => keywords.some(keyword => keyword in schema)).map(([type]) => type)
}
