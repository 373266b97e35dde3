import { styleText } from 'node:util'
import type { Output } from './terminal.js'

/** What is shown in another colour: what is as it should be, what to look at, what is wrong, what is not in use, and the head of a table. */
export type Shade = 'good' | 'doubtful' | 'bad' | 'faint' | 'head'

/** Text in a colour, where colours are shown. */
export type Paint = (text: string, shade: Shade) => string

const FORMATS = { good: 'green', doubtful: 'yellow', bad: 'red', faint: 'gray', head: 'bold' } as const

/** Paints for an output: on a terminal that shows colours, and nowhere else. */
export function paintFor (output: Output): Paint {
  // Whether they are shown has been asked: styleText would ask again, of the process's own output.
  return output.hasColors?.() === true ? (text, shade) => styleText(FORMATS[shade], text, { validateStream: false }) : plain
}

/** Nothing is painted. */
export const plain: Paint = text => text
