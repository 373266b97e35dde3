import fc from 'fast-check'

/** Claim sets for a schema, should it get any, and a throw of the dice that decides whether it does. */
export interface Mark { readonly sets: string | readonly string[], readonly dice: number }

/** What stands beneath an object: named members, patterns, the rest. */
export interface Members {
  readonly members: readonly { readonly name: string, readonly node: Skeleton, readonly required: boolean }[]
  readonly patterns: readonly { readonly pattern: string, readonly node: Skeleton }[]
  readonly additional: Skeleton | null
  /** Below thirty: the highest closes it, those next to it where it is not merged with others. */
  readonly closed: number
  readonly typed: boolean
  readonly nullable: number
  readonly asserts: number
}

/** A schema before it is annotated. */
export type Skeleton = { readonly mark: Mark } & (
  | { readonly kind: 'scalar' | 'opaque', readonly schema: Record<string, unknown> }
  | { readonly kind: 'object', readonly object: Members }
  | { readonly kind: 'array', readonly item: Skeleton, readonly nullable: number }
  | { readonly kind: 'tuple', readonly items: readonly Skeleton[] }
  | { readonly kind: 'required', readonly names: readonly string[] }
  | { readonly kind: 'union', readonly keyword: string, readonly branches: readonly Skeleton[], readonly base: Members | null, readonly tag: number, readonly withNull: boolean, readonly reveals: boolean }
  | { readonly kind: 'intersection', readonly parts: readonly Skeleton[], readonly base: Members | null }
  | { readonly kind: 'conditional', readonly base: Members, readonly condition: number, readonly then: Skeleton | null, readonly otherwise: Skeleton | null, readonly reveals: boolean }
  | { readonly kind: 'reference', readonly target: number, readonly siblings: number, readonly object: Members }
)

/** Schemas that refer to one another, before they are annotated. */
export interface Skeletons {
  readonly root: Skeleton
  readonly definitions: readonly Skeleton[]
  readonly shared: readonly { readonly object: Skeleton, readonly definition: Skeleton }[]
  readonly palette: readonly (string | readonly string[])[]
}

export const CLAIM_SETS = ['a_claims', 'b_claims', 'c_claims', 'd_claims']

/** Among them names that are awkward for regular expressions and for generated code. */
export const NAMES = ['id', 'name', 'iban', 'x-y', 'a b', '', 'q"q', '1', "it's", 'a/b', 'a~b', '$x', 'é', 'then', 'p_1', '$ref']
/** Names of what every object inherits. */
const INHERITED = ['constructor', 'toString', 'hasOwnProperty', '__proto__']
export const PATTERNS = ['^x', 'a', '^p_', '_q$', 'z', '.', '^(?:id|iban)$', '\\d', '^$']

/** A whole number, each as likely as the others. */
function upTo (max: number): fc.Arbitrary<number> {
  return fc.noBias(fc.nat({ max }))
}

const sets = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...CLAIM_SETS) },
  { weight: 2, arbitrary: fc.subarray(CLAIM_SETS, { minLength: 2, maxLength: 3 }) },
  { weight: 2, arbitrary: fc.constant('*') }
)
const dice = upTo(999)
const mark: fc.Arbitrary<Mark> = fc.record({ sets, dice })

const scalars = fc.constantFrom<Record<string, unknown>>(
  { type: 'string' }, { type: 'string' }, { type: 'string', minLength: 1 }, { pattern: '^[a-z]' }, { type: 'string', enum: ['u', 'v'] },
  { type: 'string', format: 'date-time' }, { type: 'string', format: 'date' }, { type: 'string', format: 'time' }, { type: 'string', default: 'DEFAULT' },
  { type: 'integer' }, { type: 'integer', minimum: 0 }, { type: 'integer', default: 7 }, { type: 'number' }, { minimum: 0 }, { type: 'boolean' }, { type: 'boolean', nullable: true },
  { type: 'null' }, { type: ['string', 'null'] }, { type: ['null', 'integer'] }, { type: ['string', 'integer', 'boolean'] }, { type: 'string', nullable: true },
  { type: 'string', const: 'x' }, { const: 1 }, { const: { k: ['v'] } }, { type: ['string', 'null'], const: 'x' }, { type: 'object' }
)
const opaques = fc.constantFrom<Record<string, unknown>>(
  {}, { description: 'any' }, { enum: ['u', 1, null] }, { not: { type: 'null' } }, { type: 'array' }, { type: 'array', items: [{ type: 'string' }], additionalItems: true },
  { minItems: 0 }
)

const name = fc.oneof({ weight: 100, arbitrary: fc.constantFrom(...NAMES) }, { weight: 1, arbitrary: fc.constantFrom(...INHERITED) })

function rarely (node: fc.Arbitrary<Skeleton>): fc.Arbitrary<Skeleton | null> {
  return fc.oneof({ weight: 7, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: node })
}

const members = (node: fc.Arbitrary<Skeleton>): fc.Arbitrary<Members> => fc.record({
  members: fc.uniqueArray(fc.record({ name, node, required: fc.boolean() }), { selector: ({ name }) => name, maxLength: 3 }),
  patterns: fc.oneof(
    { weight: 5, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.uniqueArray(fc.record({ pattern: fc.constantFrom(...PATTERNS), node }), { selector: ({ pattern }) => pattern, maxLength: 3 }) }
  ),
  additional: rarely(node),
  closed: upTo(29),
  typed: upTo(5).map(number => number > 0),
  nullable: upTo(9),
  asserts: upTo(29)
})

const { node } = fc.letrec<{ node: Skeleton }>(tie => {
  const node = tie('node')
  const object = members(node)
  const named = fc.record({ kind: fc.constant('object' as const), mark, object })
  const required = fc.record({ kind: fc.constant('required' as const), mark, names: fc.subarray(NAMES.slice(0, 5), { minLength: 1, maxLength: 2 }) })
  const reference = fc.record({ kind: fc.constant('reference' as const), mark, target: upTo(50), siblings: upTo(29), object })
  const base = fc.option(object, { freq: 2 })
  const part = fc.oneof({ weight: 5, arbitrary: named }, { weight: 2, arbitrary: reference }, { weight: 2, arbitrary: required }, { weight: 1, arbitrary: node })
  return {
    node: fc.oneof({ depthSize: 'small', maxDepth: 3, withCrossShrink: true },
      { weight: 12, arbitrary: fc.record({ kind: fc.constant('scalar' as const), mark, schema: scalars }) },
      { weight: 8, arbitrary: named },
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('array' as const), mark, item: node, nullable: upTo(9) }) },
      { weight: 4, arbitrary: reference },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant('union' as const), mark, keyword: fc.constantFrom('anyOf', 'oneOf'), branches: fc.array(part, { minLength: 1, maxLength: 3 }), base, tag: upTo(9), withNull: upTo(3).map(number => number === 1), reveals: upTo(5).map(number => number === 1) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('intersection' as const), mark, parts: fc.array(part, { minLength: 1, maxLength: 3 }), base }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constant('conditional' as const), mark, base: object, condition: upTo(9), then: fc.option(part, { freq: 6 }), otherwise: fc.option(part, { freq: 2 }), reveals: upTo(5).map(number => number === 1) }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('opaque' as const), mark, schema: opaques }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant('tuple' as const), mark, items: fc.array(node, { minLength: 1, maxLength: 3 }) }) })
  }
})

const object: fc.Arbitrary<Skeleton> = fc.record({ kind: fc.constant('object' as const), mark, object: members(node) })

export const skeletons: fc.Arbitrary<Skeletons> = fc.record({
  root: fc.oneof({ weight: 3, arbitrary: object }, { weight: 2, arbitrary: node }),
  definitions: fc.array(fc.oneof({ weight: 2, arbitrary: object }, { weight: 1, arbitrary: node }), { maxLength: 3 }),
  shared: fc.array(fc.record({ object, definition: node }), { maxLength: 1 }),
  palette: fc.array(sets, { minLength: 1, maxLength: 5 })
})
