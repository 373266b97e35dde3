import { isDeepStrictEqual } from 'node:util'
import { readJson, writeJson, type JsonText } from './json-text.js'
import { child, isBareNull, isOpen, isWrittenWhole, tupleOf, typesOf, type Documents, type Place, type Schema, type Sees } from './places.js'

/**
 * What a view is to see of what the serializer writes for the schema without annotations: found by walking schema,
 * value and text side by side, slowly and plainly, and leaving out of the text what is withheld.
 */
export function releaseByWalking (documents: Documents, value: unknown, sees: Sees, text: string): string {
  const { root } = documents
  if (documents.visible(root, sees)) return writeJson(new Walk(documents, sees).field(readJson(text), [root], value)!)
  const applied = documents.applied(root, () => null) ?? [root]
  const types = applied.flatMap(({ schema }) => typesOf(schema as Schema))
  return types.length === 0 || types.includes('object') ? '{}' : types.includes('array') ? '[]' : 'null'
}

const NOTHING: JsonText = { kind: 'object', members: [] }

class Walk {
  constructor (private readonly documents: Documents, private readonly sees: Sees) {}

  /** What is left of a member or item; undefined where all of it is withheld. */
  field (text: JsonText, places: readonly Place[], value: any): JsonText | undefined {
    if (!places.some(place => this.documents.visible(place, this.sees))) return undefined
    const applied = places.flatMap(place => this.documents.applied(place, this.documents.decideBy(value)) ?? [])
    if (text.kind === 'scalar' && text.text === 'null' && applied.some(isBareNull)) return text
    const leaves = applied.filter(place => isWrittenWhole(place) || (applied.length === 1 && isLeftOpen(place)))
    const items = applied.find(({ schema }) => (schema as Schema).items !== undefined)
    if (leaves.length > 0) return leaves.some(({ sets }) => this.sees(sets ?? [])) ? text : NOTHING
    if (text.kind === 'scalar') return applied.some(place => this.isShown(place) || (text.text === 'null' && this.isNullShown(place))) ? text : NOTHING
    if (text.kind === 'object') return { kind: 'object', members: this.members(text.members, applied, value?.toJSON?.() ?? value) }
    if (items === undefined || !this.isShown(items)) return NOTHING
    return { kind: 'array', items: text.items.map((item, index) => this.field(item, [tupleOf(items)?.[index] ?? child(items, 'items')], value[index])!) }
  }

  private members (members: readonly (readonly [string, JsonText])[], applied: readonly Place[], value: any) {
    return members.flatMap(([name, text]) => {
      const governing = shownBy(applied, name, this.documents, this.sees)
      // A default, which is written of what is not there, is one value.
      const left = governing && (value[name] === undefined ? text : this.field(text, governing, value[name]))
      return left === undefined ? [] : [[name, left] as const]
    })
  }

  /** Null where an object could be is seen by whoever sees anything of that, in whichever branch. */
  private isNullShown (place: Place): boolean {
    const schema = place.schema as Schema
    return (schema.nullable === true || typesOf(schema).includes('null')) && this.documents.visible(place, this.sees)
  }

  /** Whether a view sees anything of a schema, the branches aside. */
  private isShown (place: Place): boolean {
    const { anyOf, oneOf, if: condition, ...rest } = place.schema as Schema
    const isConditional = condition !== undefined && (rest.then ?? rest.else) !== undefined
    const merged = place.merged || (anyOf ?? oneOf) !== undefined || isConditional
    return this.documents.visible({ ...place, schema: rest, merged }, this.sees)
  }
}

/** Whether a condition lacks the branch that is taken, and nothing else says what is written: the value is, as it is. */
function isLeftOpen ({ schema }: Place): boolean {
  const { if: condition, then: yes, else: no, ...rest } = schema as Schema
  return condition !== undefined && (yes === undefined) !== (no === undefined) && typesOf(rest).length === 0
}

/**
 * What a member is written by; undefined where that withholds it. What names it decides, else every pattern that it
 * matches: the first of several writes it, if they say the same or a view sees all of both.
 */
export function shownBy (applied: readonly Place[], name: string, documents: Documents, sees: Sees): readonly Place[] | undefined {
  const governing = governingOf(applied, name)
  const naming = applied.filter(place => declares(place, name)).map(place => child(place, 'properties', name))
  const deciding = naming.length > 0 ? naming : governing
  if (deciding.length === 0 || !deciding.every(place => documents.visible(place, sees))) return undefined
  if (naming.length > 0) return governing
  const isWhole = (place: Place) => documents.leaves(place).every(sees)
  const [first, ...others] = governing as [Place, ...Place[]]
  return others.every(other => isAlike(first, other) || (isWhole(first) && isWhole(other))) ? [first] : undefined
}

/** What governs a member: in each schema its property, else the patterns that it matches, else additionalProperties; those of no schema where any declares it. */
export function governingOf (applied: readonly Place[], name: string): Place[] {
  const isDeclared = applied.some(place => declares(place, name))
  const matching = applied.flatMap(place => {
    const { patternProperties = {} } = place.schema as Schema
    if (isDeclared && declares(place, name)) return [child(place, 'properties', name)]
    return Object.keys(patternProperties).filter(pattern => new RegExp(pattern).test(name)).map(pattern => child(place, 'patternProperties', pattern))
  })
  const open = applied.filter(({ schema }) => isOpen(schema as Schema))
  return matching.length > 0 && !isDeclared ? matching : [...matching, ...open.filter(place => !declares(place, name)).map(place => child(place, 'additionalProperties'))]
}

function declares ({ schema }: Place, name: string): boolean {
  return Object.hasOwn((schema as Schema).properties ?? {}, name)
}

function isAlike (one: Place, other: Place): boolean {
  return isDeepStrictEqual(one.schema, other.schema) && String(one.sets) === String(other.sets)
}
