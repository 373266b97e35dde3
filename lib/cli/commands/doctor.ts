import { Command } from 'commander'
import { isSafe } from '../../issuers/safe-url.js'
import { checkedIssuer } from '../../oauth/issuer.js'
import { paintFor, type Paint } from '../colours.js'
import type { Finding } from '../doctor/finding.js'
import { examineIssuer } from '../doctor/issuer.js'
import { examineStore } from '../doctor/store.js'
import { manual } from '../manual.js'
import { printable } from '../tables.js'
import { CommandError, EXIT, jsonOutcome, type Outcome, type Terminal } from '../terminal.js'
import { now } from '../times.js'
import { onStoreIfAny, type StoreWords } from '../with-store.js'

interface Words extends Partial<StoreWords> { readonly issuer: string, readonly json?: true }

/** `keyhole doctor --issuer URL`: whether all is as it should be, and what to do where it is not. */
export function doctorCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStoreIfAny(new Command('doctor'), terminal)
    .description('looks at an issuer from outside (answers, TLS, clock, metadata, keys) and at its store, where it is named (tables, keys, policy, clients); changes nothing, and says what to do')
    .requiredOption('--issuer <url>', 'the issuer, as the option issuer has it')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole doctor --issuer https://auth.example.com', 'keyhole doctor --issuer https://auth.example.com --store sqlite:keyhole.db --json'],
      { [EXIT.fine]: 'all is well', [EXIT.finding]: 'there are warnings', [EXIT.unable]: 'something is wrong, or the command was used wrongly' }))
    .action(async ({ issuer, store, json }: Words) => {
      const { findings, ...served } = await examineIssuer(checked(issuer))
      const all = [...findings, ...store === undefined ? [] : await examineStore({ store }, served, now())]
      const exit = all.some(({ state }) => state === 'wrong') ? EXIT.unable : all.some(({ state }) => state === 'warning') ? EXIT.finding : EXIT.fine
      end(json ? jsonOutcome({ issuer, findings: all }, exit) : { text: findingsText(all, paintFor(terminal.stdout)), exit })
    })
}

/** Plain http is looked at wherever it leads, and found wrong. */
function checked (issuer: string): string {
  const isOpen = URL.canParse(issuer) && !isSafe(new URL(issuer))
  try {
    checkedIssuer(isOpen ? issuer.replace(/^http:/, 'https:') : issuer)
    return issuer
  } catch (error) {
    throw new CommandError(`--${(error as Error).message}`, { cause: error })
  }
}

const SHADES = { ok: 'good', warning: 'doubtful', wrong: 'bad' } as const

function findingsText (findings: readonly Finding[], paint: Paint): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length))
  return findings.map(({ subject, state, message, cure }) => [
    `${paint(state, SHADES[state])}${' '.repeat('warning'.length - state.length)}  ${subject.padEnd(width)}  ${printable(message)}\n`,
    ...cure === undefined ? [] : [`${' '.repeat('warning'.length + width + 4)}→ ${printable(cure)}\n`]
  ].join('')).join('')
}
