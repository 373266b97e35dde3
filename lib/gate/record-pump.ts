import { setImmediate } from 'node:timers/promises'
import type { RecordFormat } from './record-format.js'
import type { RecordSource } from './record-source.js'
import type { Serialize } from '../release/release.js'

/** Where the text of a stream goes. */
export interface Outlet {
  /** Whether nobody takes anything any more. */
  readonly closed: boolean
  /**
   * Whether what was written is taken fast enough to write more. Only the outlet knows: it fills and empties while a
   * source is awaited, too.
   */
  readonly hasRoom: boolean
  write (text: string): void
  /** Until there is room, or the outlet is closed. */
  room (): Promise<void>
  end (text: string): void
  /** Ends so that the reader learns that there should have been more. @param text what is whole of what was not written yet */
  fail (text: string): void
  /** The same at once, whatever was written and is not taken. */
  cut (): void
}

/** Why a stream ended before its end. */
export interface StreamFailure {
  /** Who threw: the source, or the serializer of a record. */
  readonly by: 'source' | 'serializer'
  /** Which record it was, from 0. */
  readonly record: number
  readonly error: unknown
}

/** Characters that are written at once. */
const BATCH = 32 * 1024

/** Milliseconds that a record waits for others to be written with it. */
const PATIENCE = 20

/** Writes records one by one, in batches, no faster than they are taken. */
export class RecordPump {
  private text: string
  private records = 0
  private patience: NodeJS.Timeout | undefined

  constructor (
    private readonly source: RecordSource,
    private readonly serialize: Serialize,
    private readonly format: RecordFormat,
    private readonly outlet: Outlet,
    /** Told before the outlet is. */
    private readonly failed: (failure: StreamFailure) => void
  ) {
    this.text = format.open
  }

  /** Until nothing more is written. */
  async run (): Promise<void> {
    try {
      await this.pump()
    } finally {
      clearTimeout(this.patience)
    }
  }

  private async pump (): Promise<void> {
    const { source, outlet } = this
    while (!outlet.closed) {
      let step: IteratorResult<unknown>
      try {
        step = await source.next()
      } catch (error) {
        source.finished()
        this.fail('source', error)
        return
      }
      if (outlet.closed) return
      if (step.done === true) {
        source.finished()
        outlet.end(this.text + this.format.close)
        return
      }
      let record: string
      try {
        record = this.serialize(step.value)
      } catch (error) {
        this.fail('serializer', error)
        return
      }
      this.add(record)
      if (!outlet.hasRoom) await outlet.room()
      // A source that has everything at hand would let nobody else have a turn.
      else if (this.text === '') await setImmediate()
    }
  }

  private add (record: string): void {
    const { between, after } = this.format
    this.text += (this.records === 0 ? '' : between) + record + after
    this.records++
    if (this.text.length >= BATCH) this.flush()
    else this.patience ??= setTimeout(() => { this.flush() }, PATIENCE)
  }

  private flush (): void {
    clearTimeout(this.patience)
    this.patience = undefined
    this.outlet.write(this.text)
    this.text = ''
  }

  private fail (by: StreamFailure['by'], error: unknown): void {
    // What it throws once it was given up is nobody's concern.
    if (this.outlet.closed) return
    this.failed({ by, record: this.records, error })
    this.outlet.fail(this.text)
  }
}
