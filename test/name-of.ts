import dns from 'node:dns'
import { isIP } from 'node:net'
import type { Test } from 'tap'

/** The name of a host that has these addresses until the test ends: which ones localhost has differs from machine to machine. */
export function nameOf (t: Test, ...addresses: readonly string[]): string {
  const name = 'several-addresses.test'
  const { lookup } = dns
  const found = addresses.map(address => ({ address, family: isIP(address) }))
  t.intercept(dns, 'lookup', {
    value: (host: string, options: dns.LookupAllOptions, done: (error: NodeJS.ErrnoException | null, found: dns.LookupAddress[]) => void) =>
      host === name ? done(null, found) : lookup(host, options, done)
  })
  return name
}
