import { OptionInvalidError } from '../errors.js'

/** How much may fail. */
export interface LimitOptions {
  readonly failures?: {
    /** How many authentications of one client from one address may fail within the window; ten times as many from one address for all clients. Default: 10. */
    readonly max?: number
    /** Seconds, from the first failure on. Default: 60. */
    readonly window?: number
  }
}

/** The same with its defaults. */
export interface FailureLimit {
  readonly max: number
  /** Seconds. */
  readonly window: number
}

/**
 * @returns undefined where nothing is limited
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the member and what to write.
 */
export function checkedLimits (options: LimitOptions | false = {}): FailureLimit | undefined {
  if (options === false) return undefined
  const { failures = {} } = requireMembers(options, 'limits', ['failures'])
  const { max = 10, window = 60 } = requireMembers(failures, 'limits.failures', ['max', 'window'])
  for (const [name, value] of Object.entries({ max, window })) {
    if (!Number.isSafeInteger(value) || value < 1 || value > 86_400) throw new OptionInvalidError(`limits.failures.${name}: write a whole number from 1 to 86,400.`)
  }
  return { max, window }
}

function requireMembers<Options extends object> (options: Options, name: string, members: readonly string[]): Options {
  if (typeof options !== 'object' || options === null) throw new OptionInvalidError(`${name}: write an object with ${members.join(' and ')}, or limits: false.`)
  const unknown = Object.keys(options).find(member => !members.includes(member))
  if (unknown !== undefined) throw new OptionInvalidError(`${name}.${unknown}: there is no such member; there is ${members.join(' and ')}.`)
  return options
}
