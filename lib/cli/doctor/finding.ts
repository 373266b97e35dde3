/** What was looked at. */
export type Subject = 'issuer' | 'clock' | 'TLS' | 'metadata' | 'key set' | 'store' | 'keys' | 'policy' | 'clients'

/** What was found there, and what to do about it. */
export interface Finding {
  readonly subject: Subject
  readonly state: 'ok' | 'warning' | 'wrong'
  readonly message: string
  readonly cure?: string
}

export function ok (subject: Subject, message: string): Finding {
  return { subject, state: 'ok', message }
}

export function warning (subject: Subject, message: string, cure: string): Finding {
  return { subject, state: 'warning', message, cure }
}

export function wrong (subject: Subject, message: string, cure: string): Finding {
  return { subject, state: 'wrong', message, cure }
}
