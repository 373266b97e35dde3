import { Command } from 'commander'
import { policyDiff, type PolicyChange } from '../../report/policy-diff.js'
import { guardsIn, withApp } from '../load-app.js'
import { manual } from '../manual.js'
import { loadPolicy } from '../policy-file.js'
import { fieldName, partName } from '../report-text.js'
import { markdownTable, plainTable, withoutEmptyColumns, type Table } from '../tables.js'
import { EXIT, jsonText, type Outcome } from '../terminal.js'

interface Options { readonly app: string, readonly allowGain?: true, readonly markdown?: true, readonly json?: true }

/** `keyhole policy diff OLD NEW --app APP`: who gains or loses which field on which route. */
export function policyDiffCommand (end: (outcome: Outcome) => void): Command {
  return new Command('diff')
    .description('which role gains or loses which field on which route; exits 1 where one gains')
    .argument('<old>', 'policy document as JSON')
    .argument('<new>', 'the one to replace it')
    .requiredOption('--app <app>', 'the application whose routes they are for')
    .option('--allow-gain', 'exit 0 all the same where somebody gains a field')
    .option('--markdown', 'for a pull request')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole policy diff old.json new.json --app app.js', 'keyhole policy diff old.json new.json --app app.js --markdown --allow-gain'], { [EXIT.finding]: 'somebody gains a field' }))
    .action(async (oldFile: string, newFile: string, { app: appFile, allowGain, markdown, json }: Options) => {
      const [before, after] = [await loadPolicy(oldFile), await loadPolicy(newFile)]
      const routes = await withApp(appFile, app => guardsIn(app, appFile).flatMap(guard => guard.routes()))
      const changes = policyDiff(before, after, routes)
      const gains = changes.filter(({ change }) => change === 'gains').length
      const text = json ? jsonText(changes) : markdown ? diffMarkdown(changes, gains) : diffText(changes, gains)
      end({ text, exit: gains > 0 && allowGain !== true ? EXIT.finding : EXIT.fine })
    })
}

const VERBS = { response: 'reads', body: 'writes', query: 'asks by' }

function diffTable (changes: readonly PolicyChange[]): Table {
  return withoutEmptyColumns({
    head: ['who', 'change', 'how', 'route', 'where', 'mask', 'fields'],
    rows: changes.map(change => [change.holder, change.change, VERBS[change.part], change.route, partName(change), change.mask, change.fields.map(fieldName).join(' ')])
  })
}

function verdict (changes: readonly PolicyChange[], gains: number): string {
  if (changes.length === 0) return 'Nobody gains or loses a field.'
  return gains === 0 ? 'Nobody gains a field.' : 'Somebody gains a field.'
}

function diffText (changes: readonly PolicyChange[], gains: number): string {
  return (changes.length === 0 ? '' : plainTable(diffTable(changes)) + '\n') + verdict(changes, gains) + '\n'
}

function diffMarkdown (changes: readonly PolicyChange[], gains: number): string {
  return `### Policy: ${verdict(changes, gains)}\n` + (changes.length === 0 ? '' : `\n${markdownTable(diffTable(changes))}`)
}
