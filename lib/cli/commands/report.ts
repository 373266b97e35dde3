import { Command, Option } from 'commander'
import { report, type Report, type ReportRow } from '../../report/report.js'
import { guardsIn, withApp } from '../load-app.js'
import { manual } from '../manual.js'
import { reportMarkdown, reportTable, reportText } from '../report-text.js'
import { csvTable } from '../tables.js'
import { CommandError, EXIT, jsonText, type Outcome } from '../terminal.js'

type Format = 'json' | 'csv' | 'markdown'

interface Options { readonly field?: string, readonly json?: true, readonly csv?: true, readonly markdown?: true }

/** `keyhole report APP`: who gets at which field on which route. */
export function reportCommand (end: (outcome: Outcome) => void): Command {
  return new Command('report')
    .description('who reads, writes and asks by which field on which route: claim sets, scopes, roles; what is raw, public or revealing on top')
    .argument('<app>', 'module whose default export is a Fastify plugin (app, options), or an instance')
    .option('--field <name>', 'only this field and what is beneath it, such as banking.iban')
    .addOption(new Option('--json', 'as data').conflicts(['csv', 'markdown']))
    .addOption(new Option('--csv', 'for a spreadsheet').conflicts(['json', 'markdown']))
    .addOption(new Option('--markdown', 'for a page').conflicts(['json', 'csv']))
    .addHelpText('after', manual(['keyhole report app.js', 'keyhole report app.js --field banking.iban', 'keyhole report app.js --markdown > report.md']))
    .action(async (file: string, { field, json, csv, markdown }: Options) => {
      const format = json ? 'json' : csv ? 'csv' : markdown ? 'markdown' : undefined
      const whole = await withApp(file, async app => {
        guardsIn(app, file)
        return await report(app)
      })
      end({ text: written(field === undefined ? whole : onField(whole, field), format), exit: EXIT.fine })
    })
}

function written (shown: Report, format: Format | undefined): string {
  switch (format) {
    case 'json': return jsonText(shown)
    case 'csv': return csvTable(reportTable(shown.rows))
    case 'markdown': return reportMarkdown(shown)
    default: return reportText(shown)
  }
}

/** The rows of a field, wherever it stands: `banking.iban` is also that of each item in `items.*.banking.iban`. */
function onField ({ policies, notices, rows }: Report, field: string): Report {
  const found = rows.filter(row => isWithin(row, field))
  if (found.length === 0) {
    const known = [...new Set(rows.map(row => row.field))].filter(Boolean)
    throw new CommandError(`--field: no guarded route has a field ${field}. There are ${known.join(', ') || 'none'}.`)
  }
  const isWhole = ({ kind }: Report['notices'][number]) => kind === 'raw' || kind === 'observing' || kind === 'public'
  return { policies, notices: notices.filter(isWhole), rows: found }
}

function isWithin ({ field }: ReportRow, asked: string): boolean {
  return `.${field}.`.includes(`.${asked}.`)
}
