import { stringify } from 'csv-stringify/sync'
import { plain, type Paint, type Shade } from './colours.js'

/** A table as commands print it: cells by row, all rows as long as the head. */
export interface Table {
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** How a terminal shows a table: cells of these words in these colours. */
export interface Look {
  readonly paint: Paint
  readonly shades?: Readonly<Record<string, Shade>>
}

/** For a terminal: columns as wide as their widest cell. */
export function plainTable ({ head, rows }: Table, { paint, shades = {} }: Look = { paint: plain }): string {
  const lines = [head, ...rows].map(cells => cells.map(printable))
  const widths = head.map((_, column) => lines.reduce((widest, cells) => Math.max(widest, cells[column]!.length), 0))
  const painted = (cell: string, line: number) => {
    const shade = line === 0 ? 'head' : Object.hasOwn(shades, cell) ? shades[cell] : undefined
    return shade === undefined || cell === '' ? cell : paint(cell, shade)
  }
  return lines.map((cells, line) => {
    const last = cells.findLastIndex(cell => cell !== '')
    return cells.slice(0, last + 1).map((cell, column) => painted(cell, line) + (column === last ? '' : ' '.repeat(widths[column]! - cell.length))).join('  ') + '\n'
  }).join('')
}

export function markdownTable ({ head, rows }: Table): string {
  return [head, head.map(() => '---'), ...rows.map(cells => cells.map(inMarkdown))].map(cells => `| ${cells.join(' | ')} |\n`).join('')
}

/** RFC 4180: lines end with CRLF, and a cell with an end of line within is quoted. A cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvTable ({ head, rows }: Table): string {
  return stringify([head, ...rows] as string[][], { escape_formulas: true, quoted_match: /[\r\n]/, record_delimiter: 'windows' })
}

/** Names come from schemas and policies: what would steer the terminal is shown as ?. */
export function printable (text: string): string {
  return text.replace(/\p{C}/gu, '?')
}

/** A table without the columns in which nothing stands. */
export function withoutEmptyColumns ({ head, rows }: Table): Table {
  const isFilled = (_: string, column: number) => rows.some(cells => cells[column] !== '')
  return { head: head.filter(isFilled), rows: rows.map(cells => cells.filter(isFilled)) }
}

/** Text that stays text, whatever is in it; names with characters that Markdown knows are shown as code. */
export function inMarkdown (text: string): string {
  if (/^[\w.*:/, -]*$/.test(text)) return /[*_]/.test(text) ? `\`${text}\`` : text
  return printable(text).replace(/[\\`*_{}[\]<>()#|@!~&]/g, character => `&#${character.charCodeAt(0)};`)
}
