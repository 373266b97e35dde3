/** What the bench and a test use of autocannon, which comes without types. */
declare module 'autocannon' {
  export interface Request {
    readonly method?: 'GET' | 'POST'
    readonly headers?: Readonly<Record<string, string>>
    readonly body?: string
    /** Makes a request anew each time. */
    readonly setupRequest?: (request: Request) => Request
  }
  interface Options {
    readonly url: string
    readonly headers?: Readonly<Record<string, string>>
    /** Sent in turn by each connection. */
    readonly requests?: readonly Request[]
    readonly connections: number
    /** Requests in all. */
    readonly amount: number
    /** Milliseconds after which it looks whether it is done. */
    readonly sampleInt: number
    /** Seconds that it waits for an answer. */
    readonly timeout: number
    /** Whether an answer is one that is expected. */
    readonly verifyBody?: (body: string | Buffer) => boolean
  }
  interface Result {
    readonly start: Date
    readonly finish: Date
    readonly requests: { readonly total: number }
    readonly non2xx: number
    readonly errors: number
    readonly timeouts: number
    /** Answers that were not expected. */
    readonly mismatches: number
  }
  export default function autocannon (options: Options): Promise<Result>
}
