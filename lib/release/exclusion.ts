import { declaredProperties, mergedNodes } from './merge-check.js'
import type { SchemaNode } from './node.js'

/**
 * What must not be written by `patternProperties` or `additionalProperties` though they are released:
 * members that are withheld under their own name or by another pattern, in any part of one merge.
 */
export interface Exclusion {
  /** Every property name that the merge declares. */
  readonly declared: ReadonlySet<string>
  /** The withheld among them. */
  readonly names: ReadonlySet<string>
  /** The withheld patterns. */
  readonly patterns: readonly string[]
  /** The same for the same contents. */
  readonly key: string
}

export function exclusionOf (node: SchemaNode, visible: ReadonlySet<SchemaNode>): Exclusion {
  const properties = declaredProperties(node)
  const names = [...properties].filter(([, nodes]) => nodes.some(property => !visible.has(property))).map(([name]) => name)
  const patterns = [...new Set(mergedNodes(node).flat())].flatMap(({ facets }) => facets.flatMap(facet =>
    facet.kind === 'patternProperties' ? [...facet.nodes].filter(([, child]) => !visible.has(child)).map(([pattern]) => pattern) : []))
  return {
    declared: new Set(properties.keys()),
    names: new Set(names),
    patterns,
    key: JSON.stringify([[...properties.keys()], names, patterns])
  }
}

/** A pattern that matches what `pattern` matches, without what is excluded. */
export function exclude (pattern: string, { names, patterns }: Exclusion): string {
  if (names.size === 0 && patterns.length === 0) return pattern
  const named = names.size === 0 ? '' : `(?!(?:${[...names].map(literal).join('|')})$)`
  const matched = patterns.map(withheld => `(?![\\s\\S]*?(?:${withheld}))`).join('')
  return `^${named}${matched}[\\s\\S]*?(?:${pattern})`
}

/** Whether a pattern means the same inside another: one that refers to its groups by number does not. */
export function isComposable (pattern: string): boolean {
  return !/\\[1-9]|\\k</.test(pattern)
}

/** The name as a regular expression, each character that is not a plain letter or digit by its code. */
function literal (name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, character => '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0'))
}
