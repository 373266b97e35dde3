import { LATEST_TIME } from '../credentials/latest-time.js'
import { OptionInvalidError } from '../errors.js'
import type { Rotation } from './store.js'

const CURES: Readonly<Record<keyof Rotation, string>> = {
  keepPreviousFor: 'write a whole number of seconds, 0 for not at all, or leave it out for until the next rotation',
  expiresAt: 'write a time in whole seconds since the epoch, or leave it out for never'
}

/** @throws {FST_KEYHOLE_OPTION_INVALID} naming the first member that is wrong. */
export function checkRotation (method: string, rotation: Rotation): void {
  for (const [name, value] of Object.entries(rotation)) {
    if (!(name in CURES)) throw new OptionInvalidError(`clients.${method}: ${name}: there is no such member; there are ${Object.keys(CURES).join(' and ')}.`)
    if (value !== undefined && (!Number.isSafeInteger(value) || value < 0 || value >= LATEST_TIME)) throw new OptionInvalidError(`clients.${method}: ${name}: ${CURES[name as keyof Rotation]}.`)
  }
}
