import fc from 'fast-check'
import type { Schema, Shared } from './places.js'
import { skeletons, type Mark, type Members, type Skeleton, type Skeletons } from './skeletons.js'

/** An annotated schema, and those that it may refer to. */
export interface Generated { readonly schema: Schema, readonly shared: Shared }

/** Where a schema is built. */
interface Context {
  /** Whether an annotation stands above. */
  readonly governed: boolean
  /** The member that it is for. */
  readonly name: string
  readonly targets: readonly string[]
  /** The targets that do not lead back here, of which what is merged takes most: recursive merges have no end, and are mostly refused. */
  readonly straight: readonly string[]
  readonly palette: Skeletons['palette']
  /** The names of the members of all that it is merged with; undefined for a schema that stands alone. */
  readonly taken?: Set<string> | undefined
}

/** Annotated schemas, most of them so that they boot. */
export const generated: fc.Arbitrary<Generated> = skeletons.map(({ root, definitions, shared, palette }) => {
  const foreign = shared.flatMap((_shared, index) => [`S${index}#`, `S${index}`, `S${index}#/definitions/d0`, `S${index}#/properties/p`])
  const local = definitions.map((_definition, index) => index === 2 ? '#anchor' : `#/definitions/d${index}`)
  const context = (targets: readonly string[], straight: readonly string[]): Context => ({ governed: false, name: '', targets, straight, palette })
  const here = context([...local, ...local, '#', ...foreign], [...local, ...foreign])
  return {
    schema: {
      ...build(root, here),
      ...definitions.length > 0 && {
        definitions: Object.fromEntries(definitions.map((definition, index) => [`d${index}`, { ...build(definition, { ...here, straight: [...local.slice(index + 1), ...foreign] }), ...index === 2 && { $id: '#anchor' } }]))
      }
    },
    shared: Object.fromEntries(shared.map(({ object, definition }, index) => {
      const there = context(['#/definitions/d0', '#', ...foreign], [])
      const built = build(object, there)
      return [`S${index}`, {
        ...built,
        $id: `S${index}`,
        properties: { ...built.properties, p: build(definition, { ...there, name: 'p', governed: built.claimSet !== undefined }) },
        definitions: { d0: build(definition, there) }
      }]
    }))
  }
})

function build (node: Skeleton, context: Context): Schema {
  const { mark } = node
  switch (node.kind) {
    case 'scalar': return annotated(node.schema, mark, context, context.governed ? 150 : 997)
    case 'opaque': return annotated(node.schema, mark, context, 990)
    case 'required': return { required: node.names }
    case 'object': return isEmpty(node.object)
      ? annotated(buildMembers(node.object, context), mark, context, context.governed ? 150 : 997)
      : within(mark, context, inner => buildMembers(node.object, inner))
    case 'array': return within(mark, context, inner => ({ type: 'array', items: build(node.item, alone(inner)), ...node.nullable === 1 && { nullable: true } }))
    case 'tuple': return within(mark, context, inner => ({ type: 'array', items: node.items.map(item => build(item, alone(inner))) }))
    case 'union': return within(mark, context, inner => {
      const taken = new Set(inner.taken)
      const base = node.base && buildMembers(node.base, { ...inner, taken })
      const branches = node.branches.map((branch, index) => tagged(build(branch, { ...inner, taken: new Set(taken) }), node.tag, index))
      return { ...base, [node.keyword]: [...branches, ...node.withNull ? [{ type: 'null' }] : []] }
    }, node.reveals)
    case 'intersection': return within(mark, context, inner => {
      const taken = new Set(inner.taken)
      return { ...node.base && buildMembers(node.base, { ...inner, taken }), allOf: node.parts.map(part => build(part, { ...inner, taken })) }
    })
    case 'conditional': return within(mark, context, inner => {
      const taken = new Set(inner.taken)
      const base = buildMembers(node.base, { ...inner, taken })
      const [name = 'kind'] = node.base.members.map(({ name }) => name)
      const kind = { type: 'string', enum: ['k0', 'k1'], claimSet: { sets: '*', revealsParent: true } }
      return {
        ...base,
        ...node.condition > 3 && { properties: { ...base.properties, kind }, required: [...base.required ?? [], 'kind'] },
        if: node.condition > 3 ? { properties: { kind: { const: 'k0' } } } : node.condition > 1 ? { required: [name] } : { properties: { [name]: { type: 'string' } } },
        ...node.then && { then: build(node.then, { ...inner, taken: new Set(taken) }) },
        ...node.otherwise && { else: build(node.otherwise, { ...inner, taken: new Set(taken) }) }
      }
    }, node.reveals)
    case 'reference': {
      const isMerged = context.taken !== undefined || node.siblings === 1
      const targets = isMerged && mark.dice % 8 > 0 ? context.straight : context.targets
      if (targets.length === 0) return annotated({ type: 'object', properties: {} }, mark, context, 997)
      const $ref = targets[node.target % targets.length]!
      const reference = { $ref, ...node.siblings === 1 && buildMembers(node.object, context), ...node.siblings === 2 && { type: 'object', nullable: true }, ...node.siblings === 3 && { default: null }, ...node.siblings === 4 && { type: 'object' } }
      return annotated(reference, mark, context, 120)
    }
  }
}

function buildMembers ({ members: all, patterns, additional, closed, typed, nullable, asserts }: Members, context: Context): Schema {
  const { taken } = context
  // What is merged mostly has different members, since it is refused where they differ.
  const members = all.filter(({ name, node }) => !taken?.has(name) || node.mark.dice % 8 === 0)
  for (const { name } of members) taken?.add(name)
  // Ajv takes a required '' for fulfilled.
  const required = members.filter(({ name, required }) => required && name !== '').map(({ name }) => name)
  const under = (name: string, node: Skeleton): readonly [string, Schema] => [name, build(node, { ...alone(context), name })]
  return {
    ...typed && { type: nullable === 2 ? ['object', 'null'] : 'object' },
    ...(members.length > 0 || !typed) && { properties: fromEntries(members.map(({ name, node }) => under(name, node))) },
    ...required.length > 0 && { required },
    ...patterns.length > 0 && { patternProperties: fromEntries(patterns.map(({ pattern, node }) => under(pattern, node))) },
    ...additional !== null ? { additionalProperties: under('*', additional)[1] } : (closed > 25 && taken === undefined) || closed === 29 ? { additionalProperties: false } : {},
    ...typed && nullable === 1 && { nullable: true },
    ...ASSERTIONS[asserts]
  }
}

function isEmpty ({ members, patterns, additional }: Members): boolean {
  return members.length === 0 && patterns.length === 0 && additional === null
}

function alone (context: Context): Context {
  return { ...context, taken: undefined }
}

/** Object.fromEntries, for '__proto__' too. */
function fromEntries (entries: readonly (readonly [string, Schema])[]): Schema {
  const made: Schema = {}
  for (const [name, value] of entries) Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true })
  return made
}

const ASSERTIONS: Readonly<Record<number, Schema>> = {
  1: { propertyNames: { maxLength: 20 } },
  2: { dependentRequired: { name: ['id'] } },
  3: { minProperties: 1 },
  4: { maxProperties: 20 },
  5: { not: { required: ['iban', 'name'] } },
  6: { description: 'described', 'x-y': 1, examples: ['EXAMPLE'] },
  7: { dependencies: { id: ['name'] } }
}

/** A schema whose annotation, should it get one, governs what is beneath it. */
function within (mark: Mark, context: Context, inner: (context: Context) => Schema, revealsBranch = false): Schema {
  const own = annotated({}, mark, context, 180)
  const governed = context.governed || own.claimSet !== undefined
  const schema = inner({ ...context, governed })
  if (!revealsBranch) return { ...schema, ...own }
  const sets = own.claimSet ?? (context.governed ? undefined : '*')
  return sets === undefined ? schema : { ...schema, claimSet: { ...typeof sets === 'object' && 'sets' in sets ? sets : { sets }, revealsBranch } }
}

/** Annotates a schema as often as a thousand throws of the dice say; fields of one name mostly alike. */
function annotated (schema: Schema, { sets, dice }: Mark, { name, palette }: Context, often: number): Schema {
  if (dice >= often) return schema
  const named = palette[[...name].reduce((sum, character) => sum + character.codePointAt(0)!, 0) % palette.length]!
  const chosen = dice % 7 > 0 ? named : sets
  return { ...schema, claimSet: chosen === '*' ? { sets: '*', revealsParent: true } : chosen }
}

/** Gives an object branch a constant of its own, in most unions, that mostly any token may read. */
function tagged (schema: Schema, tag: number, index: number): Schema {
  if (tag < 2 || schema.properties === undefined || schema.type !== 'object') return schema
  const kind = { type: 'string', const: `k${index}`, claimSet: tag === 2 ? 'a_claims' : { sets: '*', revealsParent: true } }
  return { ...schema, properties: { ...schema.properties, kind }, required: [...schema.required ?? [], 'kind'] }
}
