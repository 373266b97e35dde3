import { CLAIM_SETS } from './skeletons.js'
import type { Subject } from './subject.js'
import type { Dice } from './values.js'

/** What must hold of every schema that boots, for any value and view; it throws where it does not. */
export interface Property {
  readonly name: string
  holds (subject: Subject, value: unknown, view: readonly string[], dice: Dice): void
}

export const PROPERTIES: readonly Property[] = [
  {
    name: 'oracle: what is written is what walking schema and value releases',
    holds: (subject, value, view) => subject.oracle(value, view)
  },
  {
    name: 'identity: everything granted → the bytes of the serializer without the guard',
    holds: (subject, value) => subject.identity(value)
  },
  {
    name: 'non-interference: only withheld values change → the same bytes',
    holds: (subject, value, view, dice) => subject.nonInterference(value, view, dice)
  },
  {
    name: 'monotone: more granted → never fewer fields',
    holds: (subject, value, view, dice) => subject.monotone(value, view, [dice.pick(CLAIM_SETS)])
  },
  {
    name: 'boot decides: a schema that boots → whatever the serializer writes is written for every view',
    holds: (subject, value, view) => subject.serves(value, view)
  }
]

/** A view at random. */
export function someView (dice: Dice): string[] {
  return CLAIM_SETS.filter(() => dice.oneIn(2))
}
