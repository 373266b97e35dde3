const COMPONENTS = '#/components/schemas/'

/** The part of an OpenAPI document that is looked at. */
export interface OpenapiDocument {
  readonly components?: { readonly schemas?: Readonly<Record<string, unknown>> }
}

/**
 * The document without what nothing refers to in its component schemas: guarded routes have descriptions of their own,
 * and a shared schema whole would show what is left out of these. Of a schema into which references lead, what they
 * lead to stays.
 */
export function withoutUnreferenced<Document extends OpenapiDocument> (document: Document): Document {
  const { components, ...others } = document
  const schemas = components?.schemas
  if (schemas === undefined) return document
  const { schemas: _, ...otherComponents } = components!
  const found = new Map<string, readonly string[]>()
  const pending: unknown[] = [others, otherComponents]
  while (pending.length > 0) {
    const value = pending.pop()
    if (typeof value === 'string' && value.startsWith(COMPONENTS) && !found.has(value)) {
      const path = value.slice(COMPONENTS.length).split('/').map(unescaped)
      found.set(value, path)
      pending.push(valueAt(schemas, path))
    } else if (typeof value === 'object' && value !== null) {
      pending.push(...Object.values(value))
    }
  }
  return { ...document, components: { ...components, schemas: onlyAt(schemas, [...found.values()]) } }
}

/** A copy of which nothing is left but what these paths lead to. */
function onlyAt (value: unknown, paths: readonly (readonly string[])[]): unknown {
  if (paths.some(path => path.length === 0)) return value
  const steps = new Set(paths.map(([step]) => step!))
  const kept = [...steps].filter(step => valueAt(value, [step]) !== undefined)
  return Object.fromEntries(kept.map(step => [step, onlyAt(valueAt(value, [step]), paths.filter(([first]) => first === step).map(([, ...rest]) => rest))]))
}

function valueAt (value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((at, step) => typeof at === 'object' && at !== null && Object.hasOwn(at, step) ? (at as Record<string, unknown>)[step] : undefined, value)
}

/** A step of a JSON pointer within a URI. */
function unescaped (step: string): string {
  return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
}
