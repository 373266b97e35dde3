import { Command } from 'commander'
import type { PolicyDocument } from '../../policy/document.js'
import { policyFaults } from '../../policy/validate.js'
import { manual } from '../manual.js'
import { readPolicyFile } from '../policy-file.js'
import { publish, type Publishing } from '../publish.js'
import { printable } from '../tables.js'
import { EXIT, jsonOutcome, type Outcome, type Terminal } from '../terminal.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

/** `keyhole policy publish FILE`: a policy becomes the latest of the store, which every process follows. */
export function policyPublishCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('publish'), terminal)
    .description('makes a policy the latest of the store, which all that follow the store put in force within a second; tells how its claim sets, scopes and roles differ from the one before')
    .argument('<file>', 'policy document as JSON')
    .option('--if-version <version>', 'only where this one is the latest, as `keyhole policy history` shows it')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole policy publish policy.json --store sqlite:keyhole.db', 'keyhole policy publish policy.json --if-version sha256-2cBq4mVv --store sqlite:keyhole.db'],
      { [EXIT.finding]: 'the policy has a fault, or another one is the latest by now; nothing was published' }))
    .action(async (file: string, { ifVersion, json, ...words }: StoreWords & Publishing) => {
      const document = await readPolicyFile(file)
      const faults = policyFaults(document)
      if (faults.length > 0) return end(json ? jsonOutcome({ faults }, EXIT.finding) : refusal(file, faults))
      const how: Publishing = { ...(ifVersion !== undefined && { ifVersion }), ...(json && { json }) }
      end(await withStore(words, ({ policies }) => publish(policies, document as PolicyDocument, how, terminal.stdout)))
    })
}

function refusal (file: string, faults: ReturnType<typeof policyFaults>): Outcome {
  const lines = faults.map(({ pointer, message }) => `  ${pointer || '(document)'}: ${message}`)
  return { text: [`${file}:`, ...lines, 'Nothing was published.'].map(line => printable(line) + '\n').join(''), exit: EXIT.finding }
}
