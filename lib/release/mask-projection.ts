import { MaskFailedError } from '../errors.js'
import type { JsonSchema } from './json-schema.js'
import { typesOf } from './keywords.js'
import type { MaskedField, MaskedPlace } from './mask-plan.js'
import type { SchemaNode } from './node.js'
import type { View } from './visible.js'

/** For each field that a view sees through a mask, the mask's name. */
export type MasksSeen = ReadonlyMap<MaskedField, string>

export function masksSeen (fields: readonly MaskedField[], view: View): MasksSeen {
  return new Map(fields.flatMap(field => {
    const name = view.maskOf(field)
    return name === undefined ? [] : [[field, name] as const]
  }))
}

/** The schemas by which the serializer writes what the masks of these fields give; null and what is missing are written as without a mask. */
export function maskedSchemas (masks: MasksSeen): Map<SchemaNode, JsonSchema> {
  return new Map([...masks].flatMap(([field, name]) => [...field.nodes].map(([node, { schema, isNullable }]) => {
    const types = typesOf(field.doing.get(name)!.result)
    const missing = schema.default === undefined ? {} : { default: project(schema.default, fieldPlace(field), masks) }
    return [node, { type: types.length === 1 ? types[0] : types, ...isNullable && { nullable: true }, ...missing }] as const
  })))
}

function fieldPlace (field: MaskedField): MaskedPlace {
  return { field, members: new Map(), tuple: [] }
}

/** Gives a value in which fields are masked; what was there is not changed, and not looked at before somebody asks for it. */
export type Projection = (value: unknown) => unknown

/** Masks the fields of a value; those of which no mask is seen stay as they are. @param root the places of fields with masks */
export function createProjection (root: MaskedPlace, masks: MasksSeen): Projection {
  return value => project(value, root, masks)
}

function project (value: unknown, place: MaskedPlace, masks: MasksSeen): unknown {
  if (value === undefined || value === null) return value
  if (place.field !== undefined) return maskedValue(value, place.field, masks.get(place.field))
  if (Array.isArray(value)) return projectList(value, place, masks)
  // Whatever else somebody has put into it stays behind.
  if (value instanceof Date) return new Date(value)
  if (typeof value === 'function') return () => {}
  if (typeof value === 'object') return new Proxy({}, new MaskingHandler(value, place, masks))
  // To the serializer a text in place of an object is one of its characters. Beside masks no union can have a text as a branch.
  return typeof value === 'string' ? '' : value
}

/** @throws {FST_KEYHOLE_MASK_FAILED} whatever the mask says: that may be about the value. */
function maskedValue (value: unknown, { doing, pointer }: MaskedField, name: string | undefined): unknown {
  if (name === undefined) return value
  try {
    return doing.get(name)!.mask(value)
  } catch {
    throw new MaskFailedError(name, pointer)
  }
}

function projectList (list: readonly unknown[], place: MaskedPlace, masks: MasksSeen): unknown[] {
  return Array.from(list, (item, index) => {
    const inner = place.items ?? place.tuple[index] ?? placeOf(place, String(index))
    return inner === undefined ? item : project(item, inner, masks)
  })
}

/**
 * Shows an object as it is, but for its masked members. Getters, private members and the prototype are those of the
 * object itself. The target of the proxy is another one, since that of a frozen object would have to be shown as it is.
 */
class MaskingHandler implements ProxyHandler<object> {
  private readonly shown = new Map<string | symbol, unknown>()

  constructor (private readonly object: object, private readonly place: MaskedPlace, private readonly masks: MasksSeen) {}

  get (_target: object, key: string | symbol): unknown {
    const inner = typeof key === 'string' ? placeOf(this.place, key) : undefined
    if (inner !== undefined && this.shown.has(key)) return this.shown.get(key)
    const value: unknown = Reflect.get(this.object, key)
    if (key === 'toJSON' && typeof value === 'function') return () => project(value.call(this.object), this.place, this.masks)
    if (inner === undefined) return value
    const shown = project(value, inner, this.masks)
    this.shown.set(key, shown)
    return shown
  }

  ownKeys (): (string | symbol)[] {
    return Reflect.ownKeys(this.object)
  }

  /** Read by who lists names; what a member holds is had by `get` alone. */
  getOwnPropertyDescriptor (_target: object, key: string | symbol): PropertyDescriptor | undefined {
    const descriptor = Reflect.getOwnPropertyDescriptor(this.object, key)
    return descriptor && { value: undefined, enumerable: descriptor.enumerable === true, configurable: true }
  }

  getPrototypeOf (): object | null {
    return Reflect.getPrototypeOf(this.object)
  }
}

function placeOf ({ members, open }: MaskedPlace, name: string): MaskedPlace | undefined {
  const member = members.get(name)
  if (member !== undefined || open === undefined || open.declared.has(name)) return member
  return open.pattern.test(name) ? open.place : undefined
}
