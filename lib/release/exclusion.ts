import { isDeepStrictEqual } from 'node:util'
import type { JsonSchema } from './json-schema.js'
import { appliedNodes, byName, mergedNodes } from './merge.js'
import { isMemberFacet, nodesOf, reachable, setsKey, type SchemaNode } from './node.js'
import { NodeNumbers } from './node-numbers.js'

/**
 * What must not be written by `patternProperties` or `additionalProperties` though they are released:
 * members that are withheld under their own name or by another pattern, in any schema of one merge.
 */
export interface Exclusion {
  /** Every property name that the merge declares. */
  readonly declared: ReadonlySet<string>
  /** The withheld among them. */
  readonly names: ReadonlySet<string>
  /** The patterns of which something is withheld. */
  readonly patterns: ReadonlySet<string>
  /** Every pattern that the merge declares, with what it governs. */
  readonly declaredPatterns: ReadonlyMap<string, readonly SchemaNode[]>
  /** Whether what applies whichever branches are taken shows anything by itself. */
  readonly shows: boolean
  /** The same for the same merge. */
  readonly key: string
  /** For a branch of a union or condition of a node in this merge: without what stands in the other branches alone. */
  branch (node: SchemaNode, branches: readonly SchemaNode[], taken: SchemaNode): Exclusion
}

/** What merges exclude from a view that sees these nodes. */
export class Exclusions {
  private readonly numbers = new NodeNumbers()

  constructor (private readonly visible: ReadonlySet<SchemaNode>) {}

  /** Of the merge that begins at a node. */
  of (node: SchemaNode): Exclusion {
    return this.from(appliedNodes(node), mergedNodes(node))
  }

  /** @param applied the schemas of the merge that apply whichever branches are taken */
  private from (applied: ReadonlySet<SchemaNode>, merged: ReadonlySet<SchemaNode>): Exclusion {
    const properties = byName(merged, 'properties')
    const patterns = byName(merged, 'patternProperties')
    return {
      declared: new Set(properties.keys()),
      names: new Set([...properties].filter(([, nodes]) => !nodes.every(child => this.visible.has(child))).map(([name]) => name)),
      patterns: new Set([...patterns].filter(([, nodes]) => !nodes.every(child => this.isWhole(child))).map(([pattern]) => pattern)),
      declaredPatterns: patterns,
      shows: [...applied].some(({ facets }) => facets.some(facet => isMemberFacet(facet) && nodesOf(facet).some(child => this.visible.has(child)))),
      key: [applied, merged].map(nodes => [...nodes].map(node => this.numbers.of(node)).sort().join()).join(' '),
      branch: (node, branches, taken) => {
        const others = new Set(branches.filter(other => other !== taken).flatMap(other => [...mergedNodes(other)]))
        const always = new Set([...applied, ...appliedNodes(node)])
        return this.from(always, new Set([...always, ...mergedNodes(taken), ...[...merged].filter(member => !others.has(member))]))
      }
    }
  }

  private isWhole (node: SchemaNode): boolean {
    return [...reachable(node)].every(child => this.visible.has(child) || !child.facets.some(({ kind }) => kind === 'leaf'))
  }
}

export function excludesNothing ({ names, patterns }: Exclusion): boolean {
  return names.size === 0 && patterns.size === 0
}

/**
 * A pattern that matches what `pattern` matches, without what is excluded from what it governs. The serializer writes
 * a member by the first pattern that it matches; every other one has a say in it, so that of two that differ neither
 * writes the member unless a view sees all of both.
 */
export function exclude (pattern: string, node: SchemaNode, { names, patterns, declaredPatterns }: Exclusion): string {
  const others = [...declaredPatterns].filter(([other, nodes]) => (patterns.has(pattern) || patterns.has(other)) && !nodes.every(theirs => isAlike(node, theirs)))
  return without(pattern, names, others.map(([other]) => other))
}

/** A pattern for what `additionalProperties` of a schema governs: what neither its properties nor any pattern do, without what is excluded. */
export function excludeDeclared ({ properties }: JsonSchema, { names, declaredPatterns }: Exclusion): string {
  return without('', new Set([...names, ...Object.keys(properties ?? {})]), [...declaredPatterns.keys()])
}

function without (pattern: string, names: ReadonlySet<string>, patterns: readonly string[]): string {
  if (names.size === 0 && patterns.length === 0) return pattern
  const named = names.size === 0 ? '' : `(?!(?:${[...names].map(literal).join('|')})$)`
  const matched = patterns.map(withheld => `(?![\\s\\S]*?(?:${withheld}))`).join('')
  return `^${named}${matched}[\\s\\S]*?(?:${pattern})`
}

function isAlike (some: SchemaNode, other: SchemaNode): boolean {
  return setsKey(some.sets ?? []) === setsKey(other.sets ?? []) && some.base === other.base && isDeepStrictEqual(some.schema, other.schema)
}

/** Whether a pattern means the same inside another: one that numbers or names its groups does not. */
export function isComposable (pattern: string): boolean {
  return !/\\[1-9]|\(\?<[^=!]/.test(pattern)
}

/** The name as a regular expression, each character that is not a plain letter or digit by its code. */
function literal (name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, character => '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0'))
}
