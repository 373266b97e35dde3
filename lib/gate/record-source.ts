/** Where the records of a stream come from. */
export type Records<Item = unknown> = AsyncIterable<Item> | Iterable<Item>

interface Ending {
  return? (): unknown
  destroy? (): unknown
}

/** Whether records can be read from this. A text could be, character by character, and nobody means that. */
export function areRecords (given: unknown): given is Records {
  return typeof given === 'object' && given !== null && (isCallable(given, Symbol.asyncIterator) || isCallable(given, Symbol.iterator))
}

function isCallable (object: object, member: symbol): boolean {
  return typeof Reflect.get(object, member) === 'function'
}

/** One reading of records, which is closed whether it came to their end, was given up, or never began. */
export class RecordSource {
  private iterator: AsyncIterator<unknown> | undefined
  private closed = false

  constructor (private readonly records: Records) {}

  /** Throws or rejects with whatever the records throw. */
  next (): Promise<IteratorResult<unknown>> {
    this.iterator ??= Symbol.asyncIterator in this.records ? this.records[Symbol.asyncIterator]() : awaited(this.records)
    return this.iterator.next()
  }

  /** There is nothing more to read, or nothing that could be. */
  finished (): void {
    this.closed = true
  }

  /**
   * Gives up: calls `return` of an iterator, so that what stands in its `finally` runs, and `destroy` of a Node stream,
   * which a pending read would keep from returning.
   */
  async close (): Promise<void> {
    if (this.closed) return
    this.closed = true
    const records = this.records as Ending
    records.destroy?.()
    await ((this.iterator ?? records) as Ending).return?.()
  }
}

/** With those that are promises awaited, as `for await` does it. */
async function * awaited (records: Iterable<unknown>): AsyncGenerator<unknown> {
  yield * records
}
