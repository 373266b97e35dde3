import type { PolicyLog } from '../../lib/policy/follow-policy.js'

export interface Said { readonly level: 'info' | 'error', readonly message: string, readonly details: Record<string, unknown> }

/** A log that keeps what it is told, so that a test can wait for it. */
export class KeptLog implements PolicyLog {
  readonly said: Said[] = []

  info (details: object, message: string): void { this.said.push({ level: 'info', message, details: { ...details } }) }

  error (details: object, message: string): void { this.said.push({ level: 'error', message, details: { ...details } }) }
}

/** Waits until something holds; the test's own timeout ends it. */
export async function until (holds: () => unknown): Promise<void> {
  while (!await holds()) await new Promise(resolve => setTimeout(resolve, 20))
}
