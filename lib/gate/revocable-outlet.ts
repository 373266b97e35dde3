import type { Outlet } from './record-pump.js'

/** How often it is asked while nothing is written, in milliseconds: revocations are forgotten some time after the token has expired. */
const LOOK = 1000

/** Lets texts on to another outlet until whoever gets them may not have them any more; then it is cut. */
export class RevocableOutlet implements Outlet {
  private isOver = false
  private readonly looking: NodeJS.Timeout

  /**
   * @param isRevoked asked before each text, which is a batch of records
   * @param revoked told once, before the other outlet is
   */
  constructor (private readonly outlet: Outlet, private readonly isRevoked: () => boolean, private readonly revoked: () => void) {
    this.looking = setInterval(() => { this.passes() }, LOOK).unref()
  }

  get closed (): boolean { return this.isOver || this.outlet.closed }

  get hasRoom (): boolean { return this.outlet.hasRoom }

  room (): Promise<void> { return this.outlet.room() }

  write (text: string): void { if (this.passes()) this.outlet.write(text) }

  end (text: string): void { if (this.passes()) this.outlet.end(text) }

  fail (text: string): void { if (this.passes()) this.outlet.fail(text) }

  cut (): void { if (this.passes()) this.outlet.cut() }

  /** Once the answer is through. */
  stop (): void { clearInterval(this.looking) }

  private passes (): boolean {
    if (this.closed) return false
    if (!this.isRevoked()) return true
    this.isOver = true
    this.stop()
    this.revoked()
    this.outlet.cut()
    return false
  }
}
