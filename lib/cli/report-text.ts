import type { Notice } from '../report/notices.js'
import type { Report, ReportRow } from '../report/report.js'
import { inMarkdown, markdownTable, plainTable, printable, withoutEmptyColumns, type Table } from './tables.js'

const SAYS: Readonly<Record<Notice['kind'], string>> = {
  raw: 'raw: bodies leave as the handler sends them',
  observing: 'only observed: nothing is withheld until the end of that day',
  public: 'public: no token is asked for, answers are not looked at',
  closed: 'no response schema: nothing but errors leaves',
  'reveals parent': 'shows that a parent is there which the token may not see',
  'reveals branch': 'shows which branch of a union was taken, though a withheld field decides it',
  'reveals length': 'lists that show their length to whoever sees any field of their items',
  'any token': 'seen by any token that verifies'
}

/** What the whole value is called, where a field has no name. */
export function fieldName (name: string): string {
  return name === '' ? '(the whole value)' : name
}

/** Such as `200`, `200, text/plain`, `body` or `query`. */
export function partName ({ part, status, mediaType }: Pick<ReportRow, 'part' | 'status' | 'mediaType'>): string {
  return [part === 'response' ? status || 'any answer' : part, mediaType].filter(Boolean).join(', ')
}

const HEAD = ['route', 'where', 'field', 'mask', 'claim sets', 'route takes', 'proof', 'scopes', 'roles', 'with another role', 'reveals']

/** Every row of a report, one line each. */
export function reportTable (rows: readonly ReportRow[]): Table {
  return { head: HEAD, rows: rows.map(cellsOf) }
}

function cellsOf (row: ReportRow): string[] {
  const { route, field, mask, claimSets, scopes, routeScopes = [], mustBeBound, roles, rolesBesideOthers, reveals } = row
  const isForAny = claimSets.includes('*')
  return [
    route,
    partName(row),
    fieldName(field),
    mask,
    isForAny ? 'any token' : claimSets.join(' ') || 'none',
    routeScopes.join(' or ') || 'any token',
    mustBeBound ? 'DPoP' : '',
    scopes.join(' or ') || (isForAny ? 'any' : 'none'),
    roles.join(' ') || 'none',
    rolesBesideOthers.join(' '),
    reveals.join(' ')
  ]
}

function noticeTable (notices: readonly Notice[]): Table {
  return {
    head: ['look at', 'route', 'where', 'what'],
    rows: notices.map(({ kind, route, where, fields, reason }) => [SAYS[kind], route, where, [...fields.map(fieldName), reason].filter(Boolean).join(' ')])
  }
}

const UNION = 'A client of several roles has what each of them releases, together.'

/** For a terminal. */
export function reportText ({ notices, rows, policies }: Report): string {
  const parts = [
    ...notices.length > 0 ? [plainTable(noticeTable(notices))] : [],
    plainTable(withoutEmptyColumns(reportTable(rows))),
    `${UNION} Policy: ${policies.map(printable).join(' ')}\n`
  ]
  return parts.join('\n')
}

export function reportMarkdown ({ notices, rows, policies }: Report): string {
  const parts = [
    ...notices.length > 0 ? [`## Look at these first\n\n${markdownTable(noticeTable(notices))}`] : [],
    `## Fields\n\n${markdownTable(withoutEmptyColumns(reportTable(rows)))}`,
    `${UNION} Policy: ${policies.map(inMarkdown).join(' ')}\n`
  ]
  return parts.join('\n')
}
