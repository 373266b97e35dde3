import type { SchemaNode } from './node.js'

/** Numbers nodes as it meets them, so that lists of nodes can be keys. */
export class NodeNumbers {
  private readonly numbers = new WeakMap<SchemaNode, number>()
  private next = 0

  of (node: SchemaNode): number {
    const number = this.numbers.get(node) ?? this.next++
    this.numbers.set(node, number)
    return number
  }
}
