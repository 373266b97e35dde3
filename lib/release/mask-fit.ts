import { isDeepStrictEqual } from 'node:util'
import { CLAIM_SET_KEYWORD } from './annotation.js'
import type { JsonSchema } from './json-schema.js'
import { isDescription, typesOf } from './keywords.js'

/** Keywords that ask nothing of a value without anything beneath it. */
const ASKING_NOTHING = new Set([CLAIM_SET_KEYWORD, '$id', 'definitions', '$defs', 'nullable', 'default'])

/** The types of values that a keyword looks at; the others pass. */
const ABOUT: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(['minLength', 'maxLength', 'pattern', 'format', 'contentEncoding', 'contentMediaType'].map(keyword => [keyword, ['string']])),
  ...Object.fromEntries(['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].map(keyword => [keyword, ['number', 'integer']]))
}

type Proof = (promised: JsonSchema, asked: unknown) => boolean

const atLeast = (keyword: string): Proof => (promised, asked) => Number(promised[keyword]) >= Number(asked)
const atMost = (keyword: string): Proof => (promised, asked) => Number(promised[keyword]) <= Number(asked)
const amongThem: Proof = (promised, asked) => valuesOf(promised)?.every(value => valuesOf({ enum: asked })!.includes(value)) === true

/** What of a promise shows that a keyword is kept; the same keyword does, whichever it is. */
const PROOFS: Readonly<Record<string, Proof>> = {
  minLength: atLeast('minLength'),
  maxLength: atMost('maxLength'),
  minimum: atLeast('minimum'),
  maximum: atMost('maximum'),
  enum: amongThem,
  const: (promised, asked) => amongThem(promised, [asked])
}

/**
 * The first keyword of a field's schema of which nobody can tell whether all that fits another schema keeps it; undefined where all do.
 * @param isNullable whether null is a value of the field, whatever its type
 */
export function brokenKeyword (promised: JsonSchema, field: JsonSchema, isNullable: boolean): string | undefined {
  const types = typesOf(promised).filter(type => !(type === 'null' && isNullable))
  const allowed = typesOf(field)
  if (!types.every(type => allowed.includes(type) || (type === 'integer' && allowed.includes('number')))) return 'type'
  return Object.keys(field).filter(keyword => keyword !== 'type' && !ASKING_NOTHING.has(keyword) && !isDescription(keyword))
    .find(keyword => !isKept(keyword, field[keyword], promised))
}

function isKept (keyword: string, asked: unknown, promised: JsonSchema): boolean {
  const about = ABOUT[keyword]
  if (about !== undefined && !typesOf(promised).some(type => about.includes(type))) return true
  return isDeepStrictEqual(promised[keyword], asked) || PROOFS[keyword]?.(promised, asked) === true
}

function valuesOf (schema: JsonSchema): readonly unknown[] | undefined {
  if (Array.isArray(schema.enum)) return schema.enum
  if (schema.const !== undefined) return [schema.const]
  return schema.type === 'null' ? [null] : undefined
}
