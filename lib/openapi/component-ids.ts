/** Names what is written once in one document: the same schema for the same view has the same `$id` in all routes. */
export class ComponentIds {
  private readonly ids = new Map<unknown, Map<string, string>>()
  private count = 0

  /** @param view what the description of the schema depends on beside the schema */
  idOf (schema: unknown, view: string): string {
    const known = this.ids.get(schema) ?? new Map<string, string>()
    this.ids.set(schema, known)
    const id = known.get(view) ?? `keyhole/${this.count++}`
    known.set(view, id)
    return id
  }
}
