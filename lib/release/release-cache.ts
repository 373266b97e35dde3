import type { SchemaContext } from './classify.js'
import type { JsonSchema } from './json-schema.js'
import { createRelease, type Release, type SerializerOptions } from './release.js'

interface Made {
  readonly context: SchemaContext
  readonly options: SerializerOptions
  readonly release: Release
}

/** Releases by the schema object that they are of, so that it is read and compiled once for all routes that share it. */
export class ReleaseCache {
  private readonly made = new WeakMap<JsonSchema, Made[]>()

  /** The release of this very schema in a context like this one; it must not have changed since it was first asked for. */
  get (schema: JsonSchema, context: SchemaContext, options: SerializerOptions): Release {
    const made = this.made.get(schema) ?? []
    const known = made.find(other => other.options === options && isLike(other.context, context))
    if (known !== undefined) return known.release
    const release = createRelease(schema, context, options)
    this.made.set(schema, [...made, { context, options, release }])
    return release
  }
}

/** Whether what a schema is read in is the very same: each shared schema, the claim sets and the masks. */
function isLike (some: SchemaContext, other: SchemaContext): boolean {
  const { shared = {} } = some
  const { shared: others = {} } = other
  const ids = Object.keys(shared)
  return some.known === other.known && some.masks === other.masks &&
    ids.length === Object.keys(others).length && ids.every(id => shared[id] === others[id])
}
