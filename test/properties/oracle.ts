import AjvModule from 'ajv'

const Ajv = AjvModule as unknown as typeof AjvModule.default

type Schema = Record<string, any>

/** Whether a view sees a field of these claim sets. */
export type Sees = (sets: readonly string[]) => boolean

/** Nothing of the value is released. */
const WITHHELD = Symbol('withheld')

/**
 * Releases by walking schema and value side by side, slowly and plainly: an independent statement of what
 * the compiled release must write. It knows only what the generator makes, and values that fit their schema.
 */
export function releaseByWalking (root: Schema, shared: Record<string, Schema>, value: unknown, sees: Sees): string {
  const ajv = new Ajv({ strict: false, validateFormats: false })
  for (const schema of Object.values(shared)) ajv.addSchema(bare(schema) as object)
  const rootId = root.$id ?? 'root'
  if (shared[rootId] === undefined) ajv.addSchema({ ...bare(root) as object, $id: rootId })
  const matches = (schema: Schema, data: unknown) => ajv.validate(absolute(bare(schema), rootId) as object, data)

  const resolve = (ref: string): Schema => {
    const [id, pointer = ''] = ref.split('#')
    const document = id === '' || id === root.$id ? root : shared[id!]!
    return pointer.split('/').slice(1).reduce((schema, step) => schema[step], document)
  }

  const own = (schema: Schema, inherited: readonly string[] | undefined): readonly string[] | undefined => {
    const written = schema.claimSet
    if (written === undefined) return inherited
    const sets = typeof written === 'object' && !Array.isArray(written) ? written.sets : written
    return [sets].flat()
  }

  /** Whether anything beneath a schema can be seen, whatever the value. */
  const visible = (schema: Schema, inherited: readonly string[] | undefined, path: readonly string[] = []): boolean => {
    const sets = own(schema, inherited)
    if (schema.$ref !== undefined) {
      const key = `${schema.$ref} ${sets?.join()}`
      return !path.includes(key) && visible(resolve(schema.$ref), sets, [...path, key])
    }
    const beneath = schema.const !== undefined
      ? []
      : [
          ...Object.values(schema.properties ?? {}), ...Object.values(schema.patternProperties ?? {}),
          ...typeof schema.additionalProperties === 'object' ? [schema.additionalProperties] : [],
          ...(schema.anyOf ?? schema.oneOf ?? []).filter((branch: Schema) => !isNull(branch))
        ] as Schema[]
    if (Array.isArray(schema.items)) return schema.items.every((item: Schema) => visible(item, sets, path))
    if (schema.items !== undefined) return visible(schema.items, sets, path)
    return beneath.length === 0 ? sees(sets ?? []) : beneath.some(child => visible(child, sets, path))
  }

  const write = (schema: Schema, inherited: readonly string[] | undefined, data: any): string | typeof WITHHELD => {
    const sets = own(schema, inherited)
    if (schema.$ref !== undefined) return write(resolve(schema.$ref), sets, data)
    if (!visible(schema, inherited)) return WITHHELD
    if (schema.nullable === true && data === null) return 'null'
    if (Array.isArray(schema.type) && data === null) return 'null'
    const union = schema.anyOf ?? schema.oneOf
    if (union !== undefined) {
      const branch = union.find((candidate: Schema) => matches(candidate, data))
      if (branch === undefined) throw new Error('no branch matches')
      if (isNull(branch)) return 'null'
      const text = write(branch, sets, data)
      return text === WITHHELD ? '{}' : text
    }
    if (schema.const !== undefined) return JSON.stringify(schema.const)
    if (schema.properties !== undefined || schema.patternProperties !== undefined || schema.additionalProperties !== undefined) return writeObject(schema, sets, data)
    if (Array.isArray(schema.items)) return `[${data.map((item: unknown, index: number) => String(write(schema.items[index], sets, item)))}]`
    if (schema.items !== undefined) return `[${data.map((item: unknown) => String(write(schema.items, sets, item)))}]`
    if (schema.type === 'object') return '{}'
    return JSON.stringify(data)
  }

  const writeObject = (schema: Schema, sets: readonly string[] | undefined, data: Record<string, unknown>): string => {
    const members: string[] = []
    const properties: Record<string, Schema> = schema.properties ?? {}
    const required: string[] = schema.required ?? []
    const names = Object.keys(properties).filter(name => visible(properties[name]!, sets))
    for (const name of [...names.filter(name => required.includes(name)), ...names.filter(name => !required.includes(name))]) {
      const property = properties[name]!
      const target = property.$ref === undefined ? property : resolve(property.$ref)
      if (data[name] !== undefined) members.push(`${JSON.stringify(name)}:${String(write(property, sets, data[name]))}`)
      else if (target.default !== undefined) members.push(`${JSON.stringify(name)}:${JSON.stringify(target.default)}`)
    }
    for (const name of Object.keys(data)) {
      if (Object.hasOwn(properties, name) || data[name] === undefined) continue
      const patterns = Object.entries(schema.patternProperties ?? {}).filter(([pattern]) => new RegExp(pattern).test(name)) as [string, Schema][]
      if (patterns.some(([, child]) => !visible(child, sets))) continue
      const governing = patterns[0]?.[1] ?? (typeof schema.additionalProperties === 'object' ? schema.additionalProperties : undefined)
      if (governing !== undefined && visible(governing, sets)) members.push(`${JSON.stringify(name)}:${String(write(governing, sets, data[name]))}`)
    }
    return `{${members.join()}}`
  }

  const text = write(root, undefined, value)
  if (text !== WITHHELD) return text
  const { type } = root.$ref === undefined ? root : resolve(root.$ref)
  return type === 'array' ? '[]' : type === 'object' || type === undefined ? '{}' : 'null'
}

function isNull (schema: Schema): boolean {
  return schema.type === 'null' && schema.claimSet === undefined
}

function bare (schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema, (key, value) => key === 'claimSet' ? undefined : value))
}

/** References within the root document, from outside of it. */
function absolute (schema: unknown, rootId: string): unknown {
  return JSON.parse(JSON.stringify(schema, (key, value) => key === '$ref' && value.startsWith('#') ? rootId + value : value))
}
