/** The methods that put bytes on the wire, or give away another way to do so, as far as this Node has them; the last two are HTTP/2's. */
const METHODS = [
  'writeHead', 'writeHeader', 'write', 'end', 'addTrailers', 'writeEarlyHints', 'writeInformation', 'flushHeaders', 'setTrailer', 'createPushResponse'
] as const

export type Method = typeof METHODS[number]

export type Methods = Record<Method, (...args: unknown[]) => unknown>

/** One function for each of them, which knows its name. */
export function eachMethod (make: (method: Method) => (...args: unknown[]) => unknown): Methods {
  return Object.fromEntries(METHODS.map(method => [method, make(method)])) as Methods
}

/** The methods of a response as they were; `optional` names those among them that not every response has. */
export interface Originals { readonly methods: Methods, readonly optional: readonly Method[] }

const OPTIONAL = ['writeInformation', 'setTrailer', 'createPushResponse'] as const

const originalsOfPrototype = new WeakMap<object, Originals>()

/**
 * The methods of a response before ours shadow them: those of its prototype, or what somebody has replaced them with.
 * @param shadows ours, which are nobody's originals
 */
export function originalsOf (methods: Methods, shadows: Methods): Originals {
  const prototype = Object.getPrototypeOf(methods) as Methods
  let originals = originalsOfPrototype.get(prototype)
  if (originals === undefined) {
    originals = asOriginals(METHODS.filter(method => method in prototype).map(method => [method, prototype[method]]))
    originalsOfPrototype.set(prototype, originals)
  }
  const known = originals.methods
  // Spelt out: in a loop over names this takes five times as long.
  const untouched = methods.writeHead === known.writeHead && methods.writeHeader === known.writeHeader &&
    methods.write === known.write && methods.end === known.end && methods.addTrailers === known.addTrailers &&
    methods.writeEarlyHints === known.writeEarlyHints && methods.flushHeaders === known.flushHeaders &&
    methods.writeInformation === known.writeInformation && methods.setTrailer === known.setTrailer &&
    methods.createPushResponse === known.createPushResponse
  if (untouched) return originals
  const replaced = METHODS.filter(method => Object.hasOwn(methods, method) && methods[method] !== shadows[method]).map(method => [method, methods[method]] as const)
  return asOriginals([...Object.entries(known), ...replaced])
}

function asOriginals (entries: readonly (readonly [string, unknown])[]): Originals {
  const methods = Object.fromEntries(entries) as Methods
  return { methods, optional: OPTIONAL.filter(method => methods[method] !== undefined) }
}
