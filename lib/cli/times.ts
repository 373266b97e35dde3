import { InvalidArgumentError } from 'commander'

/** Now, in seconds since the epoch. */
export function now (): number {
  return Math.floor(Date.now() / 1000)
}

/** A time in seconds since the epoch as people read it, in UTC. */
export function at (seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}

/** A number of seconds, as the word of an option. */
export function wholeSeconds (text: string): number {
  if (!/^\d{1,8}$/.test(text)) throw new InvalidArgumentError('Write a whole number of seconds.')
  return Number(text)
}

/** A time that is to come, as the word of an option, in seconds since the epoch; a day begins at midnight UTC. */
export function timeFrom (text: string): number {
  const milliseconds = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?$/.test(text) ? Date.parse(text) : NaN
  // A day that no month has would be taken for one of the next.
  if (Number.isNaN(milliseconds) || !new Date(milliseconds).toISOString().startsWith(text.slice(0, 10))) throw new InvalidArgumentError('Write a time such as 2027-01-31 or 2027-01-31T12:00:00Z.')
  const seconds = milliseconds / 1000
  if (seconds <= now()) throw new InvalidArgumentError('It is past; write a time that is to come.')
  return seconds
}
