import { Command } from 'commander'
import type { FastifyInstance } from 'fastify'
import { RouteInvalidError } from '../../errors.js'
import type { GuardFacts, MissingAnnotations } from '../../report/facts.js'
import { guardsIn, withAssembled } from '../load-app.js'
import { manual } from '../manual.js'
import { printable } from '../tables.js'
import { EXIT, type Outcome } from '../terminal.js'

/** `keyhole annotate APP`: the annotations that are missing, each with the line to write. */
export function annotateCommand (end: (outcome: Outcome) => void): Command {
  return new Command('annotate')
    .description('the fields that have no claim set yet, each with the line to write; other faults of guarded routes below')
    .argument('<app>', 'module whose default export is a Fastify plugin (app, options), or an instance')
    .addHelpText('after', manual(['keyhole annotate app.js', "NODE_OPTIONS='--import tsx' keyhole annotate app.ts"], { [EXIT.finding]: 'a field has no claim set, or a route has another fault' }))
    .action(async (file: string) => {
      end(await withAssembled(file, async app => {
        await boot(app)
        const guards = guardsIn(app, file)
        const found = guards.map(guard => ({ guard, ...guard.shortcomings() }))
        const missing = found.flatMap(({ guard, missing }) => missing.map(part => linesOf(guard, part)))
        const others = found.flatMap(({ others }) => others).map(line => `  ${printable(line)}`)
        return missing.length + others.length === 0
          ? { text: 'Every field of every guarded route has a claim set.\n', exit: EXIT.fine }
          : { text: [...missing, ...others.length === 0 ? [] : [`Other faults:\n${others.join('\n')}`]].map(part => `${part}\n`).join('\n'), exit: EXIT.finding }
      }))
    })
}

/** As far as it gets: its guards tell what stands against it. */
async function boot (app: FastifyInstance): Promise<void> {
  try {
    await app.ready()
  } catch (error) {
    if (!(error instanceof RouteInvalidError)) throw error
  }
}

function linesOf ({ policy }: GuardFacts, { where, pointers }: MissingAnnotations): string {
  const names = [...policy.current.claimSets.map(name => `'${name}'`), 'ANY_TOKEN'].join(', ')
  const lines = [...new Set(pointers.map(lineFor))].map(line => `  ${printable(line)}`)
  return [`${printable(where)}: write for each one of ${printable(names)}`, ...lines].join('\n')
}

/** A list is annotated as a whole, which governs its items. */
function lineFor (pointer: string): string {
  const field = pointer.replace(/(?:\/\*)+$/, '')
  const name = field.slice(field.lastIndexOf('/') + 1).replaceAll('~1', '/').replaceAll('~0', '~')
  if (field === '') return 'claimSet(…, the whole schema)'
  return `${/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : JSON.stringify(name)}: claimSet(…, its schema)  // ${field}`
}
