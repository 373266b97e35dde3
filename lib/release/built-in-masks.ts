import { createHmac, type KeyObject } from 'node:crypto'
import type { Mask } from './masks.js'

/** What stands in place of what is not shown. */
const HIDDEN = '•'

/** The longest address that there is, in characters (RFC 5321 4.5.3.1.3). */
const LONGEST_EMAIL = 254

/** A longer text is no name; what it is made of is not looked at, since that may take the square of its length. */
const LONGEST_NAME = 1000

/** A character that can stand alone: no half of a pair, no mark that belongs to another, nothing that turns the direction of writing. */
const SHOWABLE = /^[\p{L}\p{N}\p{P}\p{S}\p{Zs}]$/u
const REGIONAL = /^\p{RI}$/u

const segmenter = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** `••••4300`: the last four characters of a text that has as many before them. Of a shorter one they would be the greater part. */
export const last4: Mask = {
  result: { type: 'string', minLength: 8, maxLength: 8 },
  mask (value) {
    const end = typeof value === 'string' ? characters(value.slice(-128)).slice(-8) : []
    const four = end.slice(4)
    return HIDDEN.repeat(4) + (four.length === 4 && four.every(isShowable) ? four.join('') : HIDDEN.repeat(4))
  }
}

/** `a…@example.com`: the first character of an address, and its domain. */
export const email: Mask = {
  result: { type: 'string', minLength: 1, maxLength: LONGEST_EMAIL },
  mask (value) {
    const [, local, domain] = textOf(value, LONGEST_EMAIL).match(/^([^\s@]+)@([\p{L}\p{N}.-]+)$/u) ?? []
    return local === undefined ? '…' : `${shownFirst(local)}…@${domain}`
  }
}

/** `a***@example.com`: the same where what comes out must be an address again. */
export const asciiEmail: Mask = {
  result: { type: 'string', format: 'email', minLength: 5, maxLength: LONGEST_EMAIL },
  mask (value) {
    const [, local, domain] = textOf(value, LONGEST_EMAIL).match(/^([^\s@]+)@((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/i) ?? []
    const shown = shownFirst(local ?? '')
    const masked = `${/^[a-z0-9]$/i.test(shown) ? shown : ''}***@${domain}`
    return local === undefined || masked.length > LONGEST_EMAIL ? '***@hidden.invalid' : masked
  }
}

/** `1979`: the year of a date, of a text that begins with one, or of a Date in UTC. */
export const year: Mask = {
  result: { type: 'string', minLength: 4, maxLength: 4 },
  mask: value => textOf(value).match(/^(\d{4})-\d{2}-\d{2}(?![^Tt ])/)?.[1] ?? HIDDEN.repeat(4)
}

/** `A. L.`: the first letters of the first and the last word. */
export const initials: Mask = {
  result: { type: 'string', minLength: 1, maxLength: 5 },
  mask (value) {
    const words = textOf(value, LONGEST_NAME).normalize('NFC').split(/\s+/u).filter(word => word !== '')
    const ends = words.length > 1 ? [words[0]!, words.at(-1)!] : words
    const letters = ends.map(word => word.slice(0, 64)).map(word => characters(word)[0]!)
    const isShort = words.every(word => characters(word.slice(0, 64)).length === 1)
    return letters.length === 0 || isShort || !letters.every(isLetter) ? HIDDEN : letters.map(letter => `${letter}.`).join(' ')
  }
}

/** The same text for the same value, by HMAC-SHA-256 in base64url: 43 characters. */
export function hash (key: KeyObject): Mask {
  return {
    result: { type: 'string', minLength: 43, maxLength: 43 },
    mask: value => typeof value === 'string' ? createHmac('sha256', key).update(value).digest('base64url') : HIDDEN.repeat(43)
  }
}

/** null, whatever the value. */
export const nothing: Mask = {
  result: { type: 'null' },
  mask: () => null
}

/** What the serializer would write of a text or a date; empty for anything else, and for a text that is longer. */
function textOf (value: unknown, longest = Infinity): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '' : value.toISOString()
  return typeof value === 'string' && value.length <= longest ? value : ''
}

/** As a reader sees them, whatever they are made of. */
function characters (text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment)
}

function isShowable (character: string): boolean {
  return SHOWABLE.test(character) && !REGIONAL.test(character)
}

function isLetter (character: string): boolean {
  return /^[\p{L}\p{N}]$/u.test(character)
}

/** The first character of what has others behind it, if that can stand alone. */
function shownFirst (text: string): string {
  const [first = '', ...others] = characters(text.slice(0, 64))
  return others.length > 0 && isShowable(first) ? first : ''
}
