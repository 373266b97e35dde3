import { readdirSync, readFileSync } from 'node:fs'
import { isSchema, mapSchema } from '../../lib/release/json-schema.js'
import type { Schema, Shared } from './places.js'
import { CLAIM_SETS } from './skeletons.js'
import type { Dice } from './values.js'

/** A schema that somebody else wrote, with values for it. */
export interface Entry {
  /** Where it comes from. */
  readonly from: string
  readonly schema: Schema | boolean
  readonly shared: Shared
  readonly values: readonly unknown[]
}

const VECTORS = new URL('../vectors/', import.meta.url)

function read (name: string): any[] {
  return JSON.parse(readFileSync(new URL(name, VECTORS), 'utf8'))
}

/** The schemas that fast-json-stringify's own tests build, and what they write with them. */
export function serializerSchemas (): Entry[] {
  return read('fast-json-stringify/schemas.json').filter(({ schema }) => isSchema(schema)).map(({ shared, ...entry }) => ({
    ...entry,
    shared: Object.fromEntries(Object.entries<Schema>(shared ?? {}).map(([id, schema]) => [id, { $id: id, ...schema }]))
  }))
}

/** The JSON-Schema-Test-Suite, draft 7: schemas with values that fit them and values that do not. */
export function suiteSchemas (): Entry[] {
  return readdirSync(new URL('json-schema-draft7/', VECTORS)).filter(name => name.endsWith('.json')).flatMap(name =>
    read(`json-schema-draft7/${name}`).map(({ description, schema, tests }) => ({
      from: `${name}: ${description}`, schema, shared: {}, values: tests.map(({ data }: { data: unknown }) => data)
    })))
}

/** Where annotations are put on a schema. */
export type Annotate = (schema: Schema, dice: Dice) => Schema

export const ANNOTATIONS: Readonly<Record<string, Annotate>> = {
  'the whole': (schema, dice) => ({ ...schema, claimSet: dice.pick(CLAIM_SETS) }),
  'whatever has no members': (schema, dice) => annotate(schema, () => dice.pick(SETS), schema => !HOLDING.some(keyword => schema[keyword] !== undefined)),
  'members and items': (schema, dice) => annotateMembers(schema, () => dice.pick(SETS)),
  'any part': (schema, dice) => ({ claimSet: dice.pick(SETS), ...annotate(schema, () => dice.pick(SETS), () => dice.oneIn(2)) })
}

const SETS: readonly unknown[] = [...CLAIM_SETS, ['a_claims', 'b_claims'], { sets: '*', revealsParent: true }]
const HOLDING = ['properties', 'patternProperties', 'additionalProperties', 'items', 'allOf', 'anyOf', 'oneOf', '$ref', 'then', 'else']
/** Keywords whose schemas have something written. */
const WRITING = new Set([...HOLDING, 'definitions', '$defs'])

function annotate (schema: Schema, sets: () => unknown, chooses: (schema: Schema) => boolean): Schema {
  return mapWriting(schema, schema => chooses(schema) ? { ...schema, claimSet: sets() } : schema)
}

function annotateMembers (schema: Schema, sets: () => unknown): Schema {
  const annotated = (schema: unknown) => isSchema(schema) ? { ...schema, claimSet: sets() } : schema
  const each = (map: Schema) => Object.fromEntries(Object.entries(map).map(([name, schema]) => [name, annotated(schema)]))
  return mapWriting(schema, schema => ({
    ...schema,
    ...isSchema(schema.properties) && { properties: each(schema.properties) },
    ...isSchema(schema.patternProperties) && { patternProperties: each(schema.patternProperties) },
    ...schema.additionalProperties !== undefined && { additionalProperties: annotated(schema.additionalProperties) },
    ...schema.items !== undefined && { items: Array.isArray(schema.items) ? schema.items.map(annotated) : annotated(schema.items) }
  }))
}

/** Changes a schema and those in it that are written, and leaves those alone that only assert. */
function mapWriting (schema: Schema, change: (schema: Schema) => Schema): Schema {
  return mapSchema(schema, (copy, original) => {
    const asserting = Object.fromEntries(Object.entries(original).filter(([keyword]) => !WRITING.has(keyword)))
    return change({ ...copy, ...asserting })
  }) as Schema
}
