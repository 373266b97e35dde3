import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'

/** `sha256-` and the base64url SHA-256 of the document's canonical JSON (RFC 8785): the same for any order of members. */
export function policyVersion (document: unknown): string {
  return 'sha256-' + createHash('sha256').update(canonicalize(document) as string).digest('base64url')
}
