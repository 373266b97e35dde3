/** A reason why a schema cannot be released field by field. */
export type Fault =
  /** A field that no annotation governs. */
  | { readonly kind: 'ungoverned', readonly pointer: string }
  /** A field whose annotation names a claim set that the policy does not have. */
  | { readonly kind: 'unknown claim set', readonly pointer: string, readonly name: string }
  /** Any other, with its cure in words. */
  | { readonly kind: 'other', readonly pointer: string, readonly message: string }

/** Where no annotation governs, each place once. */
export function ungovernedPointers (faults: readonly Fault[]): string[] {
  return [...new Set(faults.filter(({ kind }) => kind === 'ungoverned').map(({ pointer }) => pointer))]
}

/**
 * The faults of one schema as lines for a developer, those without a claim set together.
 * @param where which schema it is, such as `GET /customers/:id, response 200`
 * @param claimSets the names that the policy has
 */
export function describeFaults (where: string, faults: readonly Fault[], claimSets: readonly string[]): string[] {
  const lines: string[] = []
  const ungoverned = ungovernedPointers(faults).map(pointer => pointer || '(the whole value)')
  if (ungoverned.length > 0) {
    lines.push(`${where}: no claim set on ${ungoverned.join(', ')}. ` +
      `Wrap them in claimSet(...) with ${claimSets.join(', ')} or ANY_TOKEN, or annotate their parent.`)
  }
  for (const fault of faults) {
    const at = fault.pointer || '(the whole value)'
    if (fault.kind === 'unknown claim set') {
      lines.push(`${where}: unknown claim set '${fault.name}' on ${at}. The policy has ${claimSets.join(', ')}.`)
    } else if (fault.kind === 'other') {
      lines.push(`${where}: ${at}: ${fault.message}`)
    }
  }
  return [...new Set(lines)]
}
