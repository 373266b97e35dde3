/** A hash in the PHC string format, taken apart. */
export interface PhcString {
  readonly id: string
  readonly version: number | undefined
  /** Parameters by name. */
  readonly parameters: Readonly<Record<string, number>>
  readonly salt: Buffer
  readonly hash: Buffer
}

const PHC = /^\$([a-z0-9-]{1,32})(?:\$v=(\d{1,9}))?\$([a-z]+=\d{1,9}(?:,[a-z]+=\d{1,9})*)\$([A-Za-z0-9+/]{1,256})\$([A-Za-z0-9+/]{1,256})$/

/** Bytes of a hash, at least: a shorter one might be met by chance. */
export const SHORTEST_HASH = 16

/**
 * @throws {Error} when it is malformed, lacks one of the parameters, or its hash has fewer than 16 bytes.
 * @see {@link https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md PHC string format}
 */
export function readPhc (text: string, ...names: readonly string[]): PhcString {
  const [, id, version, list, salt, hash] = PHC.exec(text) ?? []
  if (id === undefined || list === undefined || salt === undefined || hash === undefined) throw new Error('it is malformed')
  const parameters = Object.fromEntries(list.split(',').map(parameter => {
    const [name, value] = parameter.split('=')
    return [name!, Number(value)]
  }))
  if (names.some(name => !Object.hasOwn(parameters, name))) throw new Error('a parameter of it is missing')
  const bytes = Buffer.from(hash, 'base64')
  if (bytes.length < SHORTEST_HASH) throw new Error('it is too short')
  return { id, version: version === undefined ? undefined : Number(version), parameters, salt: Buffer.from(salt, 'base64'), hash: bytes }
}

/** The text of a hash without version. */
export function writePhc ({ id, parameters, salt, hash }: Omit<PhcString, 'version'>): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}=${value}`).join(',')
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  return `$${id}$${list}$${base64(salt)}$${base64(hash)}`
}
