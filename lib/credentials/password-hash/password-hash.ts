/** What a table keeps of a secret. */
export interface PasswordHash {
  /** As it stands in the table. */
  readonly text: string
  /** Whether it is made in a way that is no longer advised. */
  readonly isOutdated: boolean
  /** Whether a secret is the one; off the main thread. */
  verify (secret: string): Promise<boolean>
}

/** Reads the hashes of one way of hashing. */
export interface HashReader {
  /** How they begin. */
  readonly prefix: RegExp
  /** @throws {Error} for what is malformed or costs more than is spent on one; no message quotes the text. */
  read (text: string): PasswordHash
}
