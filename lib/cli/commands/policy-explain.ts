import { Command } from 'commander'
import { explain, type Explanation } from '../../report/explain.js'
import type { GuardFacts } from '../../report/facts.js'
import { guardsIn, withApp } from '../load-app.js'
import { manual } from '../manual.js'
import { fieldName, partName } from '../report-text.js'
import { plainTable, printable } from '../tables.js'
import { CommandError, EXIT, type Outcome } from '../terminal.js'

/** `keyhole policy explain ROLE ROUTE --app APP`: each field, released or not, and why. */
export function policyExplainCommand (end: (outcome: Outcome) => void): Command {
  return new Command('explain')
    .description('what a role gets of a route: each field, released or not, and why')
    .argument('<role>', 'role of the policy')
    .argument('<route>', "method and path, such as 'GET /customers/:id'")
    .requiredOption('--app <app>', 'the application whose route it is')
    .option('--json', 'as data')
    .addHelpText('after', manual(["keyhole policy explain salesperson 'GET /customers/:id' --app app.js"]))
    .action(async (role: string, route: string, { app: appFile, json }: { readonly app: string, readonly json?: true }) => {
      const explanations = await withApp(appFile, app => explained(guardsIn(app, appFile), role, route))
      end({ text: json ? JSON.stringify(explanations, null, 2) + '\n' : explanationText(role, explanations), exit: EXIT.fine })
    })
}

function explained (guards: readonly GuardFacts[], role: string, name: string): Explanation[] {
  const routes = guards.flatMap(({ policy, routes }) => routes().map(route => ({ route, policy: policy.current })))
  const found = routes.filter(({ route }) => route.name === name)
  if (found.length === 0) throw new CommandError(`There is no guarded route ${name}. There are ${routes.map(({ route }) => route.name).join(', ') || 'none'}.`)
  return found.flatMap(({ route, policy }) => {
    const { roles } = policy.document
    if (!Object.hasOwn(roles, role)) throw new CommandError(`There is no role ${role}. The policy has ${Object.keys(roles).join(', ') || 'none'}.`)
    return explain(policy, role, route)
  })
}

function explanationText (role: string, explanations: readonly Explanation[]): string {
  if (explanations.length === 0) return `${printable(role)}: nothing but errors leaves this route, and it takes nothing.\n`
  return plainTable({
    head: ['where', 'field', role, 'why'],
    rows: explanations.map(explanation => [partName(explanation), fieldName(explanation.field), explanation.released ? explanation.mask || 'yes' : 'no', explanation.why])
  })
}
