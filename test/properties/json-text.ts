/** A JSON text with each scalar as it was written, and members in their order. */
export type JsonText =
  | { readonly kind: 'scalar', readonly text: string }
  | { readonly kind: 'object', readonly members: readonly (readonly [name: string, JsonText])[] }
  | { readonly kind: 'array', readonly items: readonly JsonText[] }

/** Reads what a serializer wrote; a scalar is whatever stands between two marks. */
export function readJson (text: string): JsonText {
  let at = 0
  const skip = (mark: string) => {
    if (text[at] !== mark) throw new Error(`${mark} expected at ${at} of ${text}`)
    at++
  }
  const scalar = (pattern: RegExp) => {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    if (found === undefined) throw new Error(`a value expected at ${at} of ${text}`)
    at += found.length
    return found
  }
  const list = <Item> (open: string, close: string, read: () => Item): Item[] => {
    const items: Item[] = []
    skip(open)
    while (text[at] !== close) {
      if (items.length > 0) skip(',')
      items.push(read())
    }
    skip(close)
    return items
  }
  const read = (): JsonText => {
    switch (text[at]) {
      case '{': return {
        kind: 'object',
        members: list('{', '}', () => {
          const name = JSON.parse(scalar(STRING)) as string
          skip(':')
          return [name, read()] as const
        })
      }
      case '[': return { kind: 'array', items: list('[', ']', read) }
      case '"': return { kind: 'scalar', text: scalar(STRING) }
      default: return { kind: 'scalar', text: scalar(BARE) }
    }
  }
  const found = read()
  if (at !== text.length) throw new Error(`more than one value: ${text}`)
  return found
}

const STRING = /"(?:[^"\\]|\\.)*"/gys
const BARE = /[^\s"[\]{},:]+/gy

export function writeJson (json: JsonText): string {
  switch (json.kind) {
    case 'scalar': return json.text
    case 'object': return `{${json.members.map(([name, value]) => `${JSON.stringify(name)}:${writeJson(value)}`).join()}}`
    case 'array': return `[${json.items.map(writeJson).join()}]`
  }
}

/** Whether all of a text stands in another too, at the same places. An object may be empty where nothing of it is released. */
export function isPartOf (part: JsonText, whole: JsonText): boolean {
  if (writeJson(part) === '{}') return true
  if (part.kind === 'object' && whole.kind === 'object') {
    return part.members.every(([name, value]) => whole.members.some(([other, theirs]) => other === name && isPartOf(value, theirs)))
  }
  if (part.kind === 'array' && whole.kind === 'array') {
    return part.items.length === whole.items.length && part.items.every((item, index) => isPartOf(item, whole.items[index]!))
  }
  return part.kind === 'scalar' && whole.kind === 'scalar' && part.text === whole.text
}
