import { Command } from 'commander'
import type { PolicyDocument } from '../../policy/document.js'
import { createPolicy } from '../../policy/policy.js'
import { policyFaults } from '../../policy/validate.js'
import { isForAny } from '../../report/view.js'
import type { GuardFacts } from '../../report/facts.js'
import { guardsIn, withApp } from '../load-app.js'
import { manual } from '../manual.js'
import { readPolicyFile } from '../policy-file.js'
import { printable } from '../tables.js'
import { EXIT, type Outcome } from '../terminal.js'

/** `keyhole policy check FILE`: what is wrong with a policy, and with an application whether both fit together. */
export function policyCheckCommand (end: (outcome: Outcome) => void): Command {
  return new Command('check')
    .description('faults of a policy document, each with its JSON pointer, and claim sets without a purpose or an owner')
    .argument('<file>', 'policy document as JSON')
    .option('--app <app>', 'also: the names that its routes use and the policy lacks, and the claim sets that no route uses')
    .addHelpText('after', manual(['keyhole policy check policy.json', 'keyhole policy check policy.json --app app.js'], { [EXIT.finding]: 'the policy has a fault' }))
    .action(async (file: string, { app: appFile }: { readonly app?: string }) => {
      const document = await readPolicyFile(file)
      const faults = policyFaults(document).map(({ pointer, message }) => `${pointer || '(document)'}: ${message}`)
      if (faults.length > 0) return end(outcome(file, faults, []))
      const { claimSets: known, document: valid } = createPolicy(document).current
      const remarks = unexplained(valid)
      if (appFile !== undefined) {
        const { claimSets, scopes } = await withApp(appFile, app => usedNames(guardsIn(app, appFile)))
        faults.push(
          ...claimSets.filter(name => !known.includes(name)).map(name => `/claimSets: routes use '${name}', which the policy lacks`),
          ...scopes.filter(name => !Object.hasOwn(valid.scopes, name)).map(name => `/scopes: routes take '${name}', which the policy lacks`)
        )
        remarks.push(...known.filter(name => !claimSets.includes(name)).map(name => `no route uses the claim set '${name}'`))
      }
      end(outcome(file, faults, remarks.map(remark => `remark: ${remark}`)))
    })
}

/** What people have to know of a claim set, and the policy does not say. */
function unexplained ({ claimSets }: PolicyDocument): string[] {
  return Object.entries(claimSets).flatMap(([name, claimSet]) => {
    const missing = (['purpose', 'owner'] as const).filter(member => claimSet[member] === undefined)
    return missing.length === 0 ? [] : [`the claim set '${name}' names no ${missing.join(' and no ')}`]
  })
}

function outcome (file: string, faults: readonly string[], remarks: readonly string[]): Outcome {
  const verdict = faults.length === 0 ? `${file}: no faults` : `${file}:`
  return { text: [verdict, ...[...faults, ...remarks].map(line => `  ${line}`)].map(line => printable(line) + '\n').join(''), exit: faults.length === 0 ? EXIT.fine : EXIT.finding }
}

function usedNames (guards: readonly GuardFacts[]): { claimSets: string[], scopes: string[] } {
  const routes = guards.flatMap(guard => guard.routes())
  const fields = routes.flatMap(({ parts }) => parts.flatMap(part => part.fields))
  return {
    claimSets: [...new Set(fields.flatMap(({ claimSets, masks }) => [...isForAny(claimSets) ? [] : claimSets, ...Object.values(masks).flat()]))],
    scopes: [...new Set(routes.flatMap(({ scopes = [] }) => scopes))]
  }
}
