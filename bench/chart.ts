import { readFile, writeFile } from 'node:fs/promises'
import { table, type Comparison } from './comparison.js'

/** Draws what was measured: bars that say how much of the base's throughput is left, as SVG and as Markdown. */

const WIDTH = 860
const LABEL = 250
const BAR = 18
const GAP = 26
const HEAD = 34

/** Groups below each other, in each a bar for each contestant, with the quartiles as a line. */
export function chartOf (comparisons: readonly Comparison[]): string {
  const groups = groupsOf(comparisons)
  const most = Math.max(1, ...comparisons.map(({ ratio }) => ratio.upper))
  const x = (ratio: number) => LABEL + ratio / most * (WIDTH - LABEL - 60)
  const parts: string[] = []
  let y = 10
  for (const [group, members] of groups) {
    parts.push(text(10, y + 18, group, 'font-weight="bold"'))
    y += HEAD
    for (const { contestant, ratio: { median, lower, upper } } of members) {
      const middle = y + BAR / 2
      parts.push(
        text(LABEL - 8, middle + 4, contestant, 'text-anchor="end"'),
        `<rect x="${LABEL}" y="${y}" width="${fixed(x(median) - LABEL)}" height="${BAR}" fill="${contestant.startsWith('ours') ? '#2f6f4f' : '#a9b4ae'}"/>`,
        `<path d="M${fixed(x(lower))} ${middle}H${fixed(x(upper))}" stroke="#222" stroke-width="2"/>`,
        text(x(upper) + 6, middle + 4, median.toFixed(2))
      )
      y += GAP
    }
    parts.push(`<path d="M${fixed(x(1))} ${y - members.length * GAP - 4}V${y - 4}" stroke="#888" stroke-dasharray="3 3"/>`)
    y += 8
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${y}" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="13">
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
</svg>
`
}

function text (x: number, y: number, content: string, attributes = ''): string {
  return `<text x="${fixed(x)}" y="${fixed(y)}" ${attributes}>${content.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`
}

function fixed (value: number): string {
  return String(Number(value.toFixed(1)))
}

/**
 * Brings docs/performance.md up to date with the results of a suite: its chart beside it, and its table between
 * `<!-- suite -->` and `<!-- /suite -->`.
 */
export async function publish (suite: string, comparisons: readonly Comparison[]): Promise<void> {
  await writeFile(`docs/performance-${suite}.svg`, chartOf(comparisons))
  const page = await readFile('docs/performance.md', 'utf8')
  const [before, rest = ''] = page.split(`<!-- ${suite} -->\n`)
  const [, after] = rest.split(`<!-- /${suite} -->`)
  if (after === undefined) throw new Error(`docs/performance.md has no place for ${suite}: <!-- ${suite} -->, and <!-- /${suite} --> below`)
  await writeFile('docs/performance.md', `${before}<!-- ${suite} -->\n\n![${suite}: requests a second, in parts of the base's](performance-${suite}.svg)\n\n${table(comparisons)}\n\n<!-- /${suite} -->${after}`)
}

function groupsOf (comparisons: readonly Comparison[]): Map<string, Comparison[]> {
  const groups = new Map<string, Comparison[]>()
  for (const comparison of comparisons) groups.set(comparison.group, [...groups.get(comparison.group) ?? [], comparison])
  return groups
}
