import type { FieldNames } from '../release/fields.js'

/** How a field is called that is the value itself, as it is where nothing of it may leave. */
export const WHOLE_VALUE = '(the whole value)'

/** A step on the way to fields. */
interface Step {
  readonly named: Map<string, Step>
  /** To any item or member that is not named. */
  any: Step | undefined
  /** The name of the field that is here and not seen as it is. */
  withheld: string | undefined
}

const known = new WeakMap<FieldNames, Step>()

/** Those among these fields that a value has and that are withheld or masked, by name and in the order in which they are met. */
export function presentFields (names: FieldNames, value: unknown): string[] {
  const root = known.get(names) ?? stepsOf(names)
  known.set(names, root)
  const wanted = new Set([...names.withheld, ...names.masked].map(shown))
  const found = new Set<string>()
  const visit = (step: Step, value: unknown) => {
    if (value === undefined || found.size === wanted.size) return
    if (step.withheld !== undefined) found.add(step.withheld)
    if (typeof value !== 'object' || value === null) return
    for (const [name, member] of Object.entries(value)) {
      const next = stepTo(step, name)
      if (next !== undefined) visit(next, member)
    }
  }
  visit(root, value)
  return [...found]
}

function stepsOf ({ released, masked, withheld }: FieldNames): Step {
  const root = newStep()
  const lead = (name: string) => name === '' ? root : name.split('.').reduce(nextStep, root)
  for (const name of released) lead(name)
  for (const name of [...withheld, ...masked]) lead(name).withheld = shown(name)
  return root
}

function nextStep (step: Step, name: string): Step {
  if (name === '*') return (step.any ??= newStep())
  const next = step.named.get(name) ?? newStep()
  step.named.set(name, next)
  return next
}

/** A member of its own name; one whose name has dots in it takes several steps. */
function stepTo (step: Step, name: string): Step | undefined {
  return name.split('.').reduce<Step | undefined>((reached, part) => reached?.named.get(part), step) ?? step.any
}

function newStep (): Step {
  return { named: new Map(), any: undefined, withheld: undefined }
}

function shown (name: string): string {
  return name === '' ? WHOLE_VALUE : name
}
