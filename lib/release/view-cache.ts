/** How many views of one schema are kept. Tokens and policies make up to two to the power of its claim sets. */
const KEPT = 128

/** What was made for the views of one schema; those that were asked for last. */
export class ViewCache<Made> {
  private readonly made = new Map<string, Made>()

  get (view: string, make: () => Made): Made {
    const known = this.made.get(view)
    const found = known ?? make()
    if (known !== undefined) this.made.delete(view)
    else if (this.made.size >= KEPT) this.made.delete(this.made.keys().next().value!)
    this.made.set(view, found)
    return found
  }
}
