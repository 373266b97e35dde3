import { governingOf, shownBy } from './oracle.js'
import { child, isBareNull, isWrittenWhole, tupleOf, typesOf, type Documents, type Place, type Schema } from './places.js'

/** Throws that follow from a seed alone. */
export class Dice {
  constructor (private state: number) {}

  /** A whole number below `count`. */
  below (count: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296 * count)
  }

  oneIn (count: number): boolean {
    return this.below(count) === 0
  }

  pick<Item> (items: readonly Item[]): Item {
    return items[this.below(items.length)]!
  }
}

const NAMES = ['x1', 'p_1', 'p_q', 'x_q', 'zz', 'other', 'a1', 'iban', 'name', 'pz', 'id', '', 'constructor']
const TEXTS = ['', 'a', 'x', 'SECRET', '"', '\\', '\u2028', '\ud800', '\udc00\ud800', '😀', 'a'.repeat(50), '\u0000', 'é', '__proto__']
const NUMBERS = [0, 1, -1, 42, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 1e21, 1e-7]
const FRACTIONS = [-0, 0.5, -1.25, 1e300, 5e-324]
const ODD = [Number.NaN, Number.POSITIVE_INFINITY, undefined, null, '1', [], {}, true, 9007199254740993n, Symbol('odd'), () => 'odd']

/** Makes values for schemas: most fit, some nearly. */
export class ValueMaker {
  /** @param odd also values that are no plain JSON, and such as do not fit */
  constructor (private readonly documents: Documents, private readonly dice: Dice, private readonly odd: boolean) {}

  /** A value for a field that these schemas govern. */
  make (places: readonly Place[], depth = 0): unknown {
    if (this.odd && this.dice.oneIn(60)) return this.dice.pick(ODD)
    const applied = places.flatMap(place => this.documents.applied(place, branches => this.dice.pick(branches)) ?? [])
    return this.fill(applied, depth)
  }

  /** A value to which these schemas, and no others, apply. */
  fill (applied: readonly Place[], depth = 0): unknown {
    const { dice } = this
    const schemas = applied.map(({ schema }) => schema).filter(schema => typeof schema === 'object')
    const constant = schemas.find(schema => schema.const !== undefined)
    if (applied.some(isBareNull)) return null
    if (schemas.some(({ nullable }) => nullable === true) && dice.oneIn(4)) return null
    if (constant !== undefined) return constant.const
    const values = schemas.find(schema => schema.enum !== undefined)?.enum
    if (values !== undefined) return dice.pick(values)
    const stated = schemas.map(typesOf).filter(types => types.length > 0)
    const types = (stated[0] ?? []).filter(type => stated.every(types => types.includes(type)))
    switch (types.length === 0 && schemas.some(schema => schema.properties) ? 'object' : dice.pick(types)) {
      case 'object': return this.wrap(this.object(applied, depth))
      case 'array': return this.list(applied, depth)
      case 'string': return this.text(schemas)
      case 'integer': return this.odd && dice.oneIn(10) ? 9007199254740993n : dice.pick(NUMBERS)
      case 'number': return dice.pick([...NUMBERS, ...FRACTIONS])
      case 'boolean': return dice.oneIn(2)
      case 'null': return null
      default: return dice.pick<unknown>([...TEXTS, ...NUMBERS, true, null, { any: ['SECRET', { x: 1 }] }, ['SECRET'], {}])
    }
  }

  /** Of a member: whether it is there, and what it is. */
  private object (applied: readonly Place[], depth: number): Record<string, unknown> {
    const { dice } = this
    const required = new Set(applied.flatMap(({ schema }) => (schema as Schema).required ?? []))
    const declared = applied.flatMap(({ schema }) => Object.keys((schema as Schema).properties ?? {}))
    const open = applied.some(({ schema }) => (schema as Schema).patternProperties ?? (schema as Schema).additionalProperties)
    const extra = open ? [dice.pick(NAMES), dice.pick(NAMES), dice.pick(NAMES)] : dice.oneIn(4) ? [dice.pick(NAMES)] : []
    const made: Record<string, unknown> = {}
    for (const name of new Set([...required, ...declared, ...extra])) {
      if (!required.has(name) && (depth > 5 || dice.oneIn(4))) continue
      if (required.has(name) && dice.oneIn(40)) continue
      const governing = governingOf(applied, name)
      if (depth > 9) continue
      const value = governing.length === 0 ? dice.pick(['UNDECLARED', { x: 'UNDECLARED' }]) : this.make(governing.slice(0, declared.includes(name) ? undefined : 1), depth + 1)
      Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true })
    }
    return made
  }

  private list (applied: readonly Place[], depth: number): unknown[] {
    const place = applied.find(({ schema }) => (schema as Schema).items !== undefined)
    if (place === undefined) return ['SECRET', { any: 'SECRET' }].slice(this.dice.below(3))
    const tuple = tupleOf(place)
    if (tuple !== undefined && depth > 9) return []
    if (tuple !== undefined) return tuple.slice(0, this.dice.oneIn(8) ? 1 : undefined).map(item => this.make([item], depth + 1))
    const items = Array.from({ length: depth > 5 ? 0 : this.dice.below(4) }, () => this.make([child(place, 'items')], depth + 1))
    if (this.odd && this.dice.oneIn(40)) items.length++
    return items
  }

  private text (schemas: readonly Schema[]): unknown {
    const { dice } = this
    const format = schemas.find(schema => schema.format !== undefined)?.format
    if ((format !== undefined && !dice.oneIn(3)) || (this.odd && dice.oneIn(12))) return new Date(dice.pick([0, 1e12, -1e14, 253402300800000]))
    return dice.pick(TEXTS)
  }

  /** The same members in something other than a plain object, at times. */
  private wrap (made: Record<string, unknown>): unknown {
    if (!this.odd || !this.dice.oneIn(8)) return made
    switch (this.dice.below(5)) {
      case 0: return Object.assign(Object.create(null), made)
      case 1: return Object.assign(new Customer(), made)
      case 2: return { toJSON: () => ({ ...made }) }
      case 3: return Object.create(Object.prototype, Object.fromEntries(Object.entries(made).map(([name, value]) => [name, { get: () => value, enumerable: true }])))
      default: return Object.assign(Object.create(made), made)
    }
  }
}

class Customer { iban = 'SECRET' }

/** Changes of what a view does not see: of withheld members and items, and of members that no schema declares. */
export class Perturbation {
  private readonly maker: ValueMaker

  constructor (private readonly documents: Documents, private readonly dice: Dice, private readonly sees: (sets: readonly string[]) => boolean) {
    this.maker = new ValueMaker(documents, dice, false)
  }

  change (places: readonly Place[], value: unknown): unknown {
    const { documents, dice } = this
    if (!places.some(place => this.isVisible(place))) return dice.oneIn(4) ? value : this.maker.make(places, 3)
    const applied: Place[] = []
    for (const place of places) {
      const inner = documents.applied(place, documents.decideBy(value))
      if (inner === undefined) return value
      applied.push(...inner)
    }
    if (applied.some(isBareNull) || value === null) return value
    const leaves = applied.filter(isWrittenWhole)
    if (leaves.length > 0) return leaves.some(({ sets }) => this.sees(sets ?? [])) ? value : this.maker.fill(applied, 3)
    if (Array.isArray(value)) return this.changeItems(applied, value)
    if (typeof value !== 'object') return value
    const { toJSON } = value as { toJSON?: unknown }
    if (typeof toJSON !== 'function') return this.changeMembers(applied, value as Record<string, unknown>)
    const changed = this.changeMembers(applied, toJSON.call(value))
    return { toJSON: () => changed }
  }

  private changeMembers (applied: readonly Place[], value: Record<string, unknown>): Record<string, unknown> {
    const { dice, documents } = this
    const declared = applied.flatMap(({ schema }) => Object.keys((schema as Schema).properties ?? {}))
    // The serializer looks at the constructor of an item of a tuple, whoever declares it.
    const names = NAMES.filter(name => name !== 'constructor')
    const added = [...declared, dice.pick(names), dice.pick(names)].filter(name => !Object.hasOwn(value, name))
    const order = dice.oneIn(2) ? [...added, ...Object.keys(value)] : [...Object.keys(value), ...added]
    const changed: Record<string, unknown> = Object.create(Object.getPrototypeOf(value))
    const set = (name: string, value: unknown) => Object.defineProperty(changed, name, { value, enumerable: true, configurable: true, writable: true })
    for (const name of new Set(order)) {
      const governing = governingOf(applied, name)
      const shown = shownBy(applied, name, documents, this.sees)
      if (shown !== undefined) {
        if (Object.hasOwn(value, name)) set(name, this.change(shown, value[name]))
      } else if (!dice.oneIn(3)) {
        set(name, governing.length === 0 ? 'CHANGED' : this.maker.make(governing.slice(0, declared.includes(name) ? undefined : 1), 3))
      } else if (Object.hasOwn(value, name) && dice.oneIn(2)) {
        set(name, value[name])
      }
    }
    return changed
  }

  private changeItems (applied: readonly Place[], value: readonly unknown[]): readonly unknown[] {
    const place = applied.find(({ schema }) => (schema as Schema).items !== undefined)
    if (place === undefined) return value
    const item = (index: number) => tupleOf(place)?.[index] ?? child(place, 'items')
    if (this.isVisible({ ...place, schema: { items: (place.schema as Schema).items } })) return value.map((one, index) => this.change([item(index)], one))
    return this.maker.fill(applied, 3) as unknown[]
  }

  private isVisible (place: Place): boolean {
    return this.documents.visible(place, this.sees)
  }
}
