import { RefResolver } from 'json-schema-ref-resolver'
import type { JsonSchema, JsonSchemaOrBoolean } from './json-schema.js'

/** What a `$ref` leads to, and the `$id` against which the references in there are resolved. */
export interface ReferenceTarget {
  readonly schema: JsonSchemaOrBoolean
  readonly base: string
}

/** Resolves references as fast-json-stringify does: with the same library, over the same schemas. */
export interface References {
  /** The `$id` of the root schema, or a name that stands for it. */
  readonly rootBase: string
  /** The target, or undefined when nothing is there. */
  resolve (ref: string, base: string): ReferenceTarget | undefined
}

/**
 * References of one root schema over the shared schemas of its context.
 * @param shared the schemas of `addSchema`, by their `$id`
 * @throws {Error} when two different schemas have one `$id`
 */
export function createReferences (root: JsonSchema, shared: Readonly<Record<string, JsonSchema>>): References {
  const resolver = new RefResolver()
  const rootBase = typeof root.$id === 'string' && !root.$id.startsWith('#') ? root.$id : 'keyhole:root'
  resolver.addSchema(root, rootBase)
  for (const [id, schema] of Object.entries(shared)) {
    if (!resolver.hasSchema(id)) resolver.addSchema(schema, id)
  }

  return {
    rootBase,
    resolve (ref, base) {
      const hash = ref.indexOf('#')
      const id = (hash === -1 ? ref : ref.slice(0, hash)) || base
      if (!resolver.hasSchema(id)) return undefined
      const schema = resolver.getSchema(id, hash === -1 ? '#' : ref.slice(hash)) as JsonSchemaOrBoolean | null
      return schema === null ? undefined : { schema, base: id }
    }
  }
}
