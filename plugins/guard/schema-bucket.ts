import fastify from 'fastify'
import { withoutAnnotations } from '../../lib/release/annotation.js'
import { isSchema, mapSchema, type JsonSchema } from '../../lib/release/json-schema.js'

const originals = new WeakMap<object, JsonSchema>()

/** A copy without annotations that remembers what it is a copy of. */
export function withoutAnnotationsOf<Schema> (schema: Schema): Schema {
  if (!isSchema(schema)) return schema
  const bare = withoutAnnotations(schema)
  originals.set(bare, originalOf(schema))
  return bare as Schema
}

/** The annotated schema that this is a copy of. */
export function annotatedOf (bare: JsonSchema): JsonSchema | undefined {
  return originals.get(bare)
}

/** The annotated schema that this is a copy of, or itself. */
export function originalOf (schema: JsonSchema): JsonSchema {
  return originals.get(schema) ?? schema
}

/** The annotated schemas of shared ones, by `$id`. */
export function originalsOf (shared: Readonly<Record<string, JsonSchema>>): Record<string, JsonSchema> {
  return Object.fromEntries(Object.entries(shared).map(([id, schema]) => [id, originalOf(schema)]))
}

interface Bucket {
  add (schema: unknown): void
  getSchema (id: string): unknown
  getSchemas (): Record<string, unknown>
}

/**
 * A bucket for Fastify's schema controller. It hands out shared schemas without annotations, since validators
 * refuse keywords that they do not know, and keeps the annotated ones for the guard.
 */
export function createSchemaBucket (inherited: Readonly<Record<string, unknown>> = {}): Bucket {
  const schemas = new Map(Object.entries(inherited).map(([id, schema]) => [id, originals.has(schema as object) ? schema : withoutAnnotationsOf(schema)]))
  return {
    add (given) {
      const schema = plainSchema(given)
      const id = schema.$id
      if (typeof id !== 'string' || id === '') throw new fastify.errorCodes.FST_ERR_SCH_MISSING_ID()
      if (schemas.has(id)) throw new fastify.errorCodes.FST_ERR_SCH_ALREADY_PRESENT(id)
      schemas.set(id, withoutAnnotationsOf(mapSchema(schema, copy => copy)))
    },
    getSchema: id => schemas.get(id),
    getSchemas: () => Object.fromEntries(schemas)
  }
}

/** fluent-json-schema hands in builders. */
export function plainSchema (given: unknown): JsonSchema {
  const builder = given as { readonly isFluentSchema?: boolean, readonly isFluentJSONSchema?: boolean, valueOf (): unknown } | undefined
  return (builder?.isFluentSchema === true || builder?.isFluentJSONSchema === true ? builder.valueOf() : given) as JsonSchema
}
