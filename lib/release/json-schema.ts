/** A JSON Schema, draft 7, as an object; annotated or not. */
export interface JsonSchema { readonly [keyword: string]: unknown }

/** A schema position can also hold a boolean. */
export type JsonSchemaOrBoolean = JsonSchema | boolean

/** Keywords that hold schemas by name. */
const MAPS = new Set<PropertyKey>(['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas', 'dependencies'])
/** Keywords that hold, or may hold, a list of schemas. */
const LISTS = new Set<PropertyKey>(['items', 'prefixItems', 'allOf', 'anyOf', 'oneOf'])
/** All that hold schemas, the others one each. */
const HOLDERS = new Set<PropertyKey>([
  ...MAPS, ...LISTS, 'additionalItems', 'additionalProperties', 'contains', 'propertyNames', 'not', 'if', 'then', 'else',
  'unevaluatedItems', 'unevaluatedProperties'
])

export function isSchema (value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * A copy of a schema in which `change` has replaced each schema, innermost first. Values that are
 * no schemas (`default`, `const`, `enum`, `examples`) are kept as they are; symbols are copied, so
 * that TypeBox still knows its types.
 */
export function mapSchema (schema: JsonSchema, change: (copy: Record<PropertyKey, unknown>, original: JsonSchema) => unknown): unknown {
  const copy: Record<PropertyKey, unknown> = Object.create(Object.getPrototypeOf(schema))
  for (const key of Reflect.ownKeys(schema)) {
    const descriptor = Object.getOwnPropertyDescriptor(schema, key)!
    if (HOLDERS.has(key)) descriptor.value = mapHeld(key, descriptor.value, change)
    Object.defineProperty(copy, key, { ...descriptor, configurable: true, ...('value' in descriptor ? { writable: true } : {}) })
  }
  return change(copy, schema)
}

function mapHeld (keyword: PropertyKey, value: unknown, change: Parameters<typeof mapSchema>[1]): unknown {
  if (Array.isArray(value)) return LISTS.has(keyword) ? value.map(item => isSchema(item) ? mapSchema(item, change) : item) : value
  if (!isSchema(value)) return value
  if (!MAPS.has(keyword)) return mapSchema(value, change)
  const copy: Record<string, unknown> = {}
  for (const [name, held] of Object.entries(value)) {
    Object.defineProperty(copy, name, { value: isSchema(held) ? mapSchema(held, change) : held, enumerable: true, configurable: true, writable: true })
  }
  return copy
}
