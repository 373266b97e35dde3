import fastJsonStringify, { type Options, type Schema } from 'fast-json-stringify'
import { ANY_TOKEN, withoutAnnotations } from './annotation.js'
import { classify, type Classification, type SchemaContext } from './classify.js'
import { isLink } from './extent.js'
import type { Fault } from './fault.js'
import { SchemaFields, type Field, type FieldNames } from './fields.js'
import type { JsonSchema } from './json-schema.js'
import { typesOf } from './keywords.js'
import { appliedNodes } from './merge.js'
import { createProjection, maskedSchemas, masksSeen } from './mask-projection.js'
import { nodesOf, reachable, type SchemaNode } from './node.js'
import { DEFINITIONS, prune } from './prune.js'
import { ViewCache } from './view-cache.js'
import { viewOf, type View } from './visible.js'

/** Writes what one view may see of a value, as JSON. Throws what the serializer throws for a value that does not fit the schema. */
export type Serialize = (value: unknown) => string

/** Options of fast-json-stringify, as Fastify hands them to its serializers. */
export type SerializerOptions = Omit<Options, 'schema' | 'mode'>

/** One annotated schema, ready to be released to any view. */
export interface Release {
  /**
   * What stands against releasing it: a reason not to serve by it. Where it is served all the same, fields without a
   * claim set are seen by nobody, and with a fault of another kind than these nothing of any value is.
   */
  readonly faults: readonly Fault[]
  /** The claim sets that the schema names, sorted. */
  readonly claimSets: readonly string[]
  /** All fields that the schema names, whoever sees them. */
  readonly fields: readonly Field[]
  /** The serializer for whoever may read these claim sets; compiled once for each of the schema's views that are in use. */
  serializerFor (readable: ReadonlySet<string>): Serialize
  /** Which of the fields whoever may read these claim sets sees, and which not, whatever value is released. */
  namesFor (readable: ReadonlySet<string>): FieldNames
  /** Whether it is a list of records of one schema, and nothing else, so that these can be released one by one. */
  readonly isList: boolean
  /**
   * Of a list: what writes one record just as it stands in the list; undefined where whoever may read these claim sets
   * sees nothing of any.
   */
  recordSerializerFor (readable: ReadonlySet<string>): Serialize | undefined
}

/** Prepares an annotated schema for release. */
export function createRelease (schema: JsonSchema, context: SchemaContext = {}, options: SerializerOptions = {}): Release {
  const classification = classify(schema, context)
  const { claimSets } = classification
  const views = new ViewCache<Serialize>()
  const names = new ViewCache<FieldNames>()
  const faults = [...classification.faults, ...optionFaults(options)]
  const whole = () => views.get(ANY_TOKEN, () => compileWhole(schema, context.shared ?? {}, options))
  if (faults.length === 0) faults.push(...buildFaults(whole))
  // Where there is no fault, only what has governed fields beneath it may have no claim sets itself.
  const isWhole = ({ granted }: View) => faults.length === 0 && [...reachable(classification.root)].every(({ sets }) => sets === undefined || granted(sets))
  const ofView = <Made>(made: ViewCache<Made>, readable: ReadonlySet<string>, make: (view: View) => Made): Made => {
    const granted = claimSets.filter(name => readable.has(name))
    return made.get(granted.join(' '), () => make(viewOf(new Set(granted))))
  }
  const isUncertain = faults.some(({ kind }) => kind === 'other')
  let fields: SchemaFields | undefined
  const schemaFields = () => (fields ??= new SchemaFields(classification.root))
  const serializerFor = (readable: ReadonlySet<string>) => ofView(views, readable, view => {
    if (isUncertain) return always(emptyOf(classification.root))
    return isWhole(view) ? whole() : compileView(classification, view, options)
  })
  return {
    faults,
    claimSets,
    get fields () { return schemaFields().all },
    serializerFor,
    namesFor: readable => ofView(names, readable, view => isUncertain ? NOTHING_SEEN : schemaFields().names(view)),
    isList: !isUncertain && isList(classification.root),
    recordSerializerFor (readable) {
      const write = serializerFor(readable)
      return write === NOTHING_OF_A_LIST ? undefined : record => write([record]).slice(1, -1)
    }
  }
}

/** Whether a schema says no more of a value than that it is a list, and what its items are. */
function isList (root: SchemaNode): boolean {
  if (isLink(root)) return root.facets.flatMap(nodesOf).every(isList)
  return String(typesOf(root.schema)) === 'array' && root.facets.length === 1 && root.facets[0]!.kind === 'items'
}

/** What the serializer has against a schema; it is asked last, since its words are its own. */
export function buildFaults (build: () => unknown): Fault[] {
  try {
    build()
    return []
  } catch (error) {
    return [{ kind: 'other', pointer: '', message: `the serializer cannot be built: ${(error as Error).message}` }]
  }
}

/** For whoever sees everything: the serializer that Fastify would have built. */
export function compileWhole (schema: JsonSchema, shared: Readonly<Record<string, JsonSchema>>, options: SerializerOptions): Serialize {
  const others = Object.entries(shared).filter(([id]) => id !== schema.$id).map(([id, other]) => [id, withoutAnnotations(other)])
  return build(withoutAnnotations(schema), options, Object.fromEntries(others))
}

export function compileView ({ root, references, masks }: Classification, view: View, options: SerializerOptions): Serialize {
  const seen = masksSeen(masks.fields, view)
  const pruned = prune(root, references, view.granted, maskedSchemas(seen))
  if (pruned === undefined) return always(emptyOf(root))
  const { schema, definitions } = pruned
  const write = build(schema, { ...options, ajv: { ...options.ajv, ...UNTYPED } }, { [DEFINITIONS]: { $id: DEFINITIONS, definitions } })
  if (seen.size === 0) return write
  const project = createProjection(masks.root!, seen)
  return value => write(project(value))
}

function build (schema: JsonSchema, options: SerializerOptions, shared: Record<string, JsonSchema>): Serialize {
  return fastJsonStringify(schema as unknown as Schema, { ...options, compileValidators: true, schema: shared as unknown as Record<string, Schema> })
}

function always (text: string): Serialize {
  return text === '[]' ? NOTHING_OF_A_LIST : () => text
}

/** Of a value that is withheld whole. */
const NOTHING_SEEN: FieldNames = Object.freeze({ released: [], masked: [], withheld: [''] })

const NOTHING_OF_A_LIST: Serialize = () => '[]'

/** What a pruned branch leaves out would be worth a warning in a schema that somebody wrote. */
const UNTYPED = { strictTypes: false, strictTuples: false, strictRequired: false }

/** What is left of a value of which nothing is released. */
function emptyOf (root: SchemaNode): string {
  const types = [...appliedNodes(root)].flatMap(({ schema }) => typesOf(schema))
  if (types.includes('object') || types.length === 0) return '{}'
  return types.includes('array') ? '[]' : 'null'
}

function optionFaults ({ largeArrayMechanism }: SerializerOptions): Fault[] {
  return largeArrayMechanism === 'json-stringify'
    ? [{ kind: 'other', pointer: '', message: "serializerOpts.largeArrayMechanism 'json-stringify' writes long lists without looking at their schema. Leave it at 'default'." }]
    : []
}
