import type { JsonSchema } from './json-schema.js'
import { appliedNodes, byName, mergedNodes } from './merge.js'
import { nodesOf, type Facet, type SchemaNode } from './node.js'

/**
 * What must not be written by `patternProperties` or `additionalProperties` though they are released:
 * members that are withheld under their own name or by another pattern, in any schema of one merge.
 */
export interface Exclusion {
  /** Every property name that the merge declares. */
  readonly declared: ReadonlySet<string>
  /** The withheld among them. */
  readonly names: ReadonlySet<string>
  /** The withheld patterns. */
  readonly patterns: readonly string[]
  /** Every pattern that the merge declares: what one of them matches is no additional property. */
  readonly declaredPatterns: readonly string[]
  /** Whether what applies whichever branches are taken shows anything by itself. */
  readonly shows: boolean
  /** The same for the same merge. */
  readonly key: string
  /** For a branch of a union or condition of a node in this merge: without what stands in the other branches alone. */
  branch (node: SchemaNode, branches: readonly SchemaNode[], taken: SchemaNode): Exclusion
}

/** What merges exclude from a view that sees these nodes. */
export class Exclusions {
  private readonly numbers = new Map<SchemaNode, number>()

  constructor (private readonly visible: ReadonlySet<SchemaNode>) {}

  /** Of the merge that begins at a node. */
  of (node: SchemaNode): Exclusion {
    return this.from(appliedNodes(node), mergedNodes(node))
  }

  /** @param applied the schemas of the merge that apply whichever branches are taken */
  private from (applied: ReadonlySet<SchemaNode>, merged: ReadonlySet<SchemaNode>): Exclusion {
    const withheld = (kind: 'properties' | 'patternProperties') =>
      [...byName(merged, kind)].filter(([, nodes]) => nodes.some(child => !this.visible.has(child))).map(([name]) => name)
    return {
      declared: new Set(byName(merged, 'properties').keys()),
      names: new Set(withheld('properties')),
      patterns: withheld('patternProperties'),
      declaredPatterns: [...byName(merged, 'patternProperties').keys()],
      shows: [...applied].some(({ facets }) => facets.some(facet => MEMBERS.has(facet.kind) && nodesOf(facet).some(child => this.visible.has(child)))),
      key: [applied, merged].map(nodes => [...nodes].map(node => this.numberOf(node)).sort().join()).join(' '),
      branch: (node, branches, taken) => {
        const others = new Set(branches.filter(other => other !== taken).flatMap(other => [...mergedNodes(other)]))
        const always = new Set([...applied, ...appliedNodes(node)])
        return this.from(always, new Set([...always, ...mergedNodes(taken), ...[...merged].filter(member => !others.has(member))]))
      }
    }
  }

  private numberOf (node: SchemaNode): number {
    const number = this.numbers.get(node) ?? this.numbers.size
    this.numbers.set(node, number)
    return number
  }
}

const MEMBERS: ReadonlySet<Facet['kind']> = new Set<Facet['kind']>(['properties', 'patternProperties', 'additionalProperties', 'items', 'tuple'])

export function excludesNothing ({ names, patterns }: Exclusion): boolean {
  return names.size === 0 && patterns.length === 0
}

/** A pattern that matches what `pattern` matches, without what is excluded. */
export function exclude (pattern: string, exclusion: Exclusion): string {
  if (excludesNothing(exclusion)) return pattern
  const { names, patterns } = exclusion
  const named = names.size === 0 ? '' : `(?!(?:${[...names].map(literal).join('|')})$)`
  const matched = patterns.map(withheld => `(?![\\s\\S]*?(?:${withheld}))`).join('')
  return `^${named}${matched}[\\s\\S]*?(?:${pattern})`
}

/** A pattern for what `additionalProperties` of a schema governs: what neither its properties nor any pattern do, without what is excluded. */
export function excludeDeclared ({ properties }: JsonSchema, exclusion: Exclusion): string {
  return exclude('', { ...exclusion, names: new Set([...exclusion.names, ...Object.keys(properties ?? {})]), patterns: exclusion.declaredPatterns })
}

/** Whether a pattern means the same inside another: one that numbers or names its groups does not. */
export function isComposable (pattern: string): boolean {
  return !/\\[1-9]|\(\?<[^=!]/.test(pattern)
}

/** The name as a regular expression, each character that is not a plain letter or digit by its code. */
function literal (name: string): string {
  return name.replace(/[^A-Za-z0-9]/g, character => '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0'))
}
