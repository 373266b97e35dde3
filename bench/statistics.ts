/** A median and the quartiles around it. */
export interface Spread {
  readonly median: number
  readonly lower: number
  readonly upper: number
}

export function spread (values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (part: number) => {
    const place = part * (sorted.length - 1)
    const below = sorted[Math.floor(place)]!
    return below + (sorted[Math.ceil(place)]! - below) * (place % 1)
  }
  return { median: at(0.5), lower: at(0.25), upper: at(0.75) }
}

/** The same values in an order of chance. */
export function shuffled<T> (values: readonly T[]): T[] {
  return values.map(value => ({ value, order: Math.random() })).sort((a, b) => a.order - b.order).map(({ value }) => value)
}
