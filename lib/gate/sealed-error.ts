const texts = new WeakMap<object, string>()

/** Those of late, oldest first: what is left to know a text by once somebody has compressed it. */
const lately = new Set<string>()
const REMEMBERED = 1000

/** The longest text, in bytes, that is known again once it was compressed; others would fill the memory. */
export const LONGEST_REMEMBERED = 4096

/** Seals a text that gives nothing away, so that it may leave through any gate: an error answer that Fastify writes by itself. */
export function sealForAny (text: string): Buffer {
  const sealed = Buffer.from(text)
  texts.set(sealed, text)
  if (sealed.length <= LONGEST_REMEMBERED) {
    lately.delete(text)
    lately.add(text)
    if (lately.size > REMEMBERED) lately.delete(lately.values().next().value!)
  }
  return sealed
}

/** The text, as it was sealed, of what `sealForAny` has returned. */
export function textSealedForAny (chunk: unknown): string | undefined {
  return texts.get(chunk as object)
}

/** Whether such a text was sealed, among the last thousand. */
export function wasSealedForAny (text: string): boolean {
  return lately.has(text)
}
