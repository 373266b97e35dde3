import type { OnChange } from '../look-again.js'

/** Where a policy document is kept that others change while the application runs. */
export interface PolicySource {
  /** For the log, such as `policy.json`. */
  readonly name: string
  /**
   * The document as it is there now, whether it is a good one or not.
   * @throws where there is none, or it cannot be read now
   */
  read (): Promise<unknown>
  /** Tells when there may be another one, where it can; it is looked at each second all the same. */
  readonly onChange?: OnChange
}
