/** A JSON Schema, draft 7, as an object; annotated or not. */
export interface JsonSchema { readonly [keyword: string]: unknown }

/** A schema position can also hold a boolean. */
export type JsonSchemaOrBoolean = JsonSchema | boolean

/** How a keyword holds the schemas beneath it. */
export type Holding = 'schema' | 'list' | 'map'

const HOLDERS: ReadonlyMap<string, readonly Holding[]> = new Map<string, readonly Holding[]>([
  ['properties', ['map']],
  ['patternProperties', ['map']],
  ['definitions', ['map']],
  ['$defs', ['map']],
  ['dependentSchemas', ['map']],
  ['dependencies', ['map']],
  ['items', ['schema', 'list']],
  ['prefixItems', ['list']],
  ['allOf', ['list']],
  ['anyOf', ['list']],
  ['oneOf', ['list']],
  ['additionalItems', ['schema']],
  ['additionalProperties', ['schema']],
  ['contains', ['schema']],
  ['propertyNames', ['schema']],
  ['not', ['schema']],
  ['if', ['schema']],
  ['then', ['schema']],
  ['else', ['schema']],
  ['unevaluatedItems', ['schema']],
  ['unevaluatedProperties', ['schema']]
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
    const holding = typeof key === 'string' ? HOLDERS.get(key) : undefined
    if (holding !== undefined) descriptor.value = mapHeld(descriptor.value, holding, change)
    Object.defineProperty(copy, key, { ...descriptor, configurable: true, ...('value' in descriptor ? { writable: true } : {}) })
  }
  return change(copy, schema)
}

function mapHeld (value: unknown, holding: readonly Holding[], change: Parameters<typeof mapSchema>[1]): unknown {
  if (Array.isArray(value)) {
    return holding.includes('list') ? value.map(item => isSchema(item) ? mapSchema(item, change) : item) : value
  }
  if (!isSchema(value)) return value
  if (!holding.includes('map')) return mapSchema(value, change)
  const copy: Record<string, unknown> = {}
  for (const [name, held] of Object.entries(value)) {
    Object.defineProperty(copy, name, { value: isSchema(held) ? mapSchema(held, change) : held, enumerable: true, configurable: true, writable: true })
  }
  return copy
}
