/** A hook of the guard's, by the name under which Fastify's `printRoutes` shows it. */
export const GUARD_HOOK = 'keyhole:guard'
export const INPUT_HOOK = 'keyhole:input'

/** What to print, so that the faults of routes can be read from it. */
export const PRINTED = { includeMeta: ['onRequest', 'preValidation'] }

interface PrintedRoute {
  /** Such as `GET, HEAD /customers/:id`. */
  readonly name: string
  readonly hooks: Readonly<Record<string, readonly string[]>>
}

/**
 * Hooks reach routes that were declared before them, `onRoute` does not. Only what Fastify prints of its routes
 * shows which ones that are: those with the guard's hook for requests, but without the one that each route gets
 * when its declaration is read.
 */
export function printedFaults (printed: string): string[] {
  return readPrinted(printed).flatMap(({ name, hooks: { onRequest = [], preValidation = [] } }) => {
    const guards = onRequest.filter(hook => hook === GUARD_HOOK).length
    if (guards > 1) return [`${name}: several guards stand before it. Register the guard once, in the outermost context that it shall guard.`]
    return guards === 1 && !preValidation.includes(INPUT_HOOK)
      ? [`${name}: it was declared before the guard. Write 'await' before register(resourceGuard, …), and declare the route after it; or give the guard a context of its own, without the route.`]
      : []
  })
}

const LINE = /^((?:│ {3}| {4})*)([├└]── )?(.*)$/
const META = /^• \((\w+)\) (\[.*\])$/
const ROUTE = /^(.*) \(([A-Z-]+(?:, [A-Z-]+)*)\)(?: (\{.*\}))?$/

/** Reads the tree. A node's children, its further routes and their hooks are indented by four characters more than itself. */
function readPrinted (printed: string): PrintedRoute[] {
  const routes: (PrintedRoute & { hooks: Record<string, string[]> })[] = []
  const path: string[] = []
  for (const line of printed.split('\n')) {
    const [, indent, branch, text] = LINE.exec(line) as unknown as [string, string, string | undefined, string]
    const hook = META.exec(text)
    if (hook !== null) {
      routes.at(-1)!.hooks[hook[1]!] = (JSON.parse(hook[2]!) as string[]).map(name => name.replace(/\(\)$/, ''))
      continue
    }
    const [, step = text, methods, constraints] = ROUTE.exec(text) ?? []
    if (branch !== undefined) path.splice(indent.length / 4, Infinity, step === '(empty root node)' ? '' : step)
    if (methods !== undefined) routes.push({ name: [methods, path.join(''), constraints].filter(Boolean).join(' '), hooks: {} })
  }
  return routes
}
