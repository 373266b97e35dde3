const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** @throws {TypeError} for bytes that are not UTF-8; nothing is replaced, a byte order mark stays. */
export function decodeUtf8 (bytes: Uint8Array): string {
  return utf8.decode(bytes)
}

/**
 * Decodes a name or value of application/x-www-form-urlencoded.
 * @throws {URIError} for an incomplete escape, or escaped bytes that are not UTF-8.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#appendix-B RFC 6749, Appendix B}
 */
export function decodeFormValue (encoded: string): string {
  return decodeURIComponent(encoded.replaceAll('+', ' '))
}
