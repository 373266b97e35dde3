const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/

/** Whether what is at this URL comes from whom it names: https, or a host that is this machine. Nothing in it is a credential. */
export function isSafe ({ protocol, hostname, username, password }: URL): boolean {
  return (protocol === 'https:' || (protocol === 'http:' && LOOPBACK.test(hostname))) && username === '' && password === ''
}

/** The URL that a text is, if it is a safe one. */
export function safeUrl (text: unknown): URL | undefined {
  const url = typeof text === 'string' && URL.canParse(text) ? new URL(text) : undefined
  return url !== undefined && isSafe(url) ? url : undefined
}
