import fc from 'fast-check'

type Schema = Record<string, any>

/** A schema with an arbitrary of values that fit it. */
export interface Generated { readonly schema: Schema, readonly value: fc.Arbitrary<unknown> }

export const CLAIM_SETS = ['a_claims', 'b_claims', 'c_claims', 'd_claims']

/** Names that are awkward for regular expressions or generated code. Those of Object.prototype have tests of their own: merging loses them. */
const NAMES = ['id', 'name', 'iban', 'x-y', 'a b', '', 'q"q', '1', "it's", 'a/b', 'a~b', '$x', 'é', '\u2028', 'then']

const text = fc.oneof(fc.string({ maxLength: 6, unit: 'binary' }), fc.constantFrom('', '"', '\\', '\u2028', '\ud800', 'SECRET'))

const sets = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...CLAIM_SETS) },
  { weight: 2, arbitrary: fc.subarray(CLAIM_SETS, { minLength: 2, maxLength: 3 }) },
  { weight: 1, arbitrary: fc.constant('*') }
)

const scalar: fc.Arbitrary<Generated> = fc.oneof(
  fc.constant({ schema: { type: 'string' }, value: text }),
  fc.constant({ schema: { type: 'integer' }, value: fc.oneof(fc.integer(), fc.constantFrom(2 ** 53, -(2 ** 53))) }),
  fc.constant({ schema: { type: 'number' }, value: fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.constantFrom(0, 1e21, 1e-7)).map(number => Object.is(number, -0) ? 0 : number) }),
  fc.constant({ schema: { type: 'boolean' }, value: fc.boolean() }),
  fc.constantFrom('x', 1, true).map(constant => ({ schema: { const: constant, type: typeof constant === 'number' ? 'integer' : typeof constant }, value: fc.constant(constant) })),
  fc.constant({ schema: { type: 'string', enum: ['u', 'v'] }, value: fc.constantFrom('u', 'v') }),
  fc.constant({ schema: { type: ['string', 'null'] }, value: fc.option(text) })
)

/** Annotates each leaf that nothing governs, most of the time, so that most schemas boot. */
function annotated (inner: fc.Arbitrary<Generated>, often: number): fc.Arbitrary<Generated> {
  return fc.tuple(inner, sets, fc.nat({ max: 9 })).map(([generated, names, dice]) =>
    dice < often ? { ...generated, schema: { ...generated.schema, claimSet: names === '*' ? { sets: '*', revealsParent: true } : names } } : generated)
}

function object (node: fc.Arbitrary<Generated>): fc.Arbitrary<Generated> {
  const member = fc.record({ name: fc.constantFrom(...NAMES), node, required: fc.boolean() })
  return fc.record({
    members: fc.uniqueArray(member, { selector: ({ name }) => name, maxLength: 4 }),
    pattern: fc.option(fc.tuple(fc.constantFrom('^x', 'a', '^p_'), node), { freq: 5 }),
    second: fc.option(fc.tuple(fc.constantFrom('_q$', 'z'), node), { freq: 5 }),
    additional: fc.option(node, { freq: 4 }),
    nullable: fc.nat({ max: 9 }),
    closed: fc.boolean()
  }).map(({ members, pattern, second, additional, nullable, closed }) => {
    const schema: Schema = { type: 'object' }
    if (members.length > 0) schema.properties = Object.fromEntries(members.map(({ name, node }) => [name, node.schema]))
    const required = members.filter(member => member.required).map(({ name }) => name)
    if (required.length > 0) schema.required = required
    const patterns = [pattern, second].filter(entry => entry !== null)
    if (patterns.length > 0) schema.patternProperties = Object.fromEntries(patterns.map(([source, { schema }]) => [source, schema]))
    if (additional !== null) schema.additionalProperties = additional.schema
    else if (closed) schema.additionalProperties = false
    if (nullable === 0) schema.nullable = true

    const named = fc.record(Object.fromEntries(members.map(({ name, node }) => [name, node.value])), { requiredKeys: required })
    const open = additional === null && closed && patterns.length === 0 ? undefined : extras(patterns, additional, new Set(members.map(({ name }) => name)))
    const plain = (open === undefined ? named : fc.tuple(named, open).map(([some, more]) => ({ ...more, ...some })))
    return { schema, value: nullable === 0 ? fc.option(plain, { freq: 5 }) : plain }
  })
}

/** Members that no property declares: each fits every pattern that it matches, else `additionalProperties`. */
function extras (patterns: readonly [string, Generated][], additional: Generated | null, declared: ReadonlySet<string>): fc.Arbitrary<Record<string, unknown>> {
  const candidates = ['x1', 'p_1', 'p_q', 'x_q', 'zz', 'other', 'a1', 'iban', 'name', 'pz']
  const entries = candidates.filter(name => !declared.has(name)).flatMap(name => {
    const matching = patterns.filter(([source]) => new RegExp(source).test(name))
    if (matching.length > 1) return []
    const value = matching[0]?.[1].value ?? (additional === null ? undefined : additional.value)
    return value === undefined ? [] : [fc.tuple(fc.constant(name), value)]
  })
  return entries.length === 0 ? fc.constant({}) : fc.subarray(entries, { maxLength: Math.min(3, entries.length) }).chain(chosen => fc.tuple(...chosen)).map(chosen => Object.fromEntries(chosen))
}

function array (node: fc.Arbitrary<Generated>): fc.Arbitrary<Generated> {
  return node.map(({ schema, value }) => ({ schema: { type: 'array', items: schema }, value: fc.array(value, { maxLength: 3 }) }))
}

function tuple (node: fc.Arbitrary<Generated>): fc.Arbitrary<Generated> {
  return fc.tuple(scalar, node.filter(({ schema }) => typeof schema.type === 'string' && schema.nullable !== true)).map(([first, second]) => ({
    schema: { type: 'array', items: [first.schema, second.schema], minItems: 2, maxItems: 2 },
    value: fc.tuple(first.value, second.value)
  }))
}

/** A union told apart by a constant that any token may read, or by nothing but its shape; null among its branches at times. */
function union (node: fc.Arbitrary<Generated>): fc.Arbitrary<Generated> {
  return fc.record({
    branches: fc.array(object(node), { minLength: 2, maxLength: 2 }),
    tagged: fc.nat({ max: 15 }),
    tag: sets,
    keyword: fc.constantFrom('anyOf', 'oneOf'),
    withNull: fc.boolean()
  }).map(({ branches, tagged, tag, keyword, withNull }) => {
    const all = tagged === 0 ? branches : branches.map(({ schema, value }, index) => tagBranch(schema, value, index, tagged === 1 ? tag : '*'))
    const options = [...all.map(({ schema }) => schema), ...withNull ? [{ type: 'null' }] : []]
    return {
      schema: { [tagged === 0 ? 'anyOf' : keyword]: options },
      value: fc.oneof(...all.map(({ value }) => value.filter(data => data !== null)), ...withNull ? [fc.constant(null)] : [])
    }
  })
}

function tagBranch (schema: Schema, value: fc.Arbitrary<unknown>, index: number, tag: string | readonly string[]): Generated {
  const { nullable, ...rest } = schema
  return {
    schema: {
      ...rest,
      properties: { ...rest.properties, kind: { const: `k${index}`, type: 'string', claimSet: tag === '*' ? { sets: '*', revealsParent: true } : tag } },
      required: [...rest.required ?? [], 'kind']
    },
    value: value.filter(data => data !== null).map(data => ({ ...data as object, kind: `k${index}` }))
  }
}

const { node } = fc.letrec<{ node: Generated, inner: Generated }>(tie => ({
  inner: fc.oneof({ depthSize: 'xsmall', maxDepth: 3, withCrossShrink: true },
    { weight: 6, arbitrary: annotated(scalar, 8) },
    { weight: 4, arbitrary: annotated(object(tie('node')), 3) },
    { weight: 2, arbitrary: annotated(array(tie('node')), 3) },
    { weight: 1, arbitrary: annotated(tuple(tie('node')), 3) },
    { weight: 2, arbitrary: annotated(union(tie('node')), 3) }),
  node: tie('inner')
}))

/** Root schemas with values. Leaves that nothing governs get a claim set, so that the boot refuses only for better reasons. */
export const generated: fc.Arbitrary<Generated> = annotated(fc.oneof(
  { weight: 6, arbitrary: object(node) }, { weight: 2, arbitrary: array(node) }, { weight: 2, arbitrary: union(node) }, { weight: 1, arbitrary: node }
), 8)
