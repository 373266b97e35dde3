import zlib, { type ZlibOptions } from 'node:zlib'

type Decode = (bytes: Uint8Array, options: ZlibOptions) => unknown

/** The content codings (RFC 9110 8.4.1, RFC 7932, RFC 8878) that this Node decodes, by name. */
const DECODERS = new Map(Object.entries({
  gzip: zlib.inflateRawSync as Decode,
  deflate: zlib.inflateSync as Decode,
  br: zlib.brotliDecompressSync as Decode,
  zstd: (zlib as { readonly zstdDecompressSync?: Decode }).zstdDecompressSync
}).filter((entry): entry is [string, Decode] => entry[1] !== undefined))

/** A body in one content coding, which says what it stands for only once all of it is there. */
export class CompressedBody {
  private readonly parts: Buffer[] = []
  private length = 0

  private constructor (private readonly coding: string, private readonly longest: number) {}

  /**
   * @param coding the value of `Content-Encoding`
   * @param longest how many bytes the decoded body may have
   * @returns undefined where that is no single coding that can be decoded here
   */
  static of (coding: unknown, longest: number): CompressedBody | undefined {
    const name = String(coding).toLowerCase()
    return DECODERS.has(name) ? new CompressedBody(name, longest) : undefined
  }

  /** @returns false when there is more by now than any encoder makes of so long a body */
  add (part: Uint8Array): boolean {
    // Whoever wrote it may use the memory again.
    this.parts.push(Buffer.from(part))
    this.length += part.length
    return this.length <= this.longest + this.longest / 4 + 1024
  }

  /** @returns the body as it was given and decoded; undefined where it cannot be decoded, is longer, or has something beside it */
  finish (): { readonly coded: Buffer, readonly decoded: Buffer } | undefined {
    const coded = Buffer.concat(this.parts)
    const decoded = this.coding === 'gzip' ? gunzipped(coded, this.longest) : decodedBy(DECODERS.get(this.coding)!, coded, this.longest)
    return decoded === undefined ? undefined : { coded, decoded }
  }
}

/** What these bytes decode to, if it takes all of them. */
function decodedBy (decode: Decode, bytes: Buffer, longest: number): Buffer | undefined {
  try {
    const { buffer, engine } = decode(bytes, { info: true, maxOutputLength: longest }) as { readonly buffer: Buffer, readonly engine: { readonly bytesWritten: number } }
    return engine.bytesWritten === bytes.length ? buffer : undefined
  } catch {
    return undefined
  }
}

/** Deflated, and with neither a name, a comment nor another field (RFC 1952 2.3). */
const PLAIN_GZIP = Buffer.of(0x1f, 0x8b, 8, 0)
const HEAD = 10
const TAIL = 8

/** One plain member. Node's own function takes further members and what else stands behind the first. */
function gunzipped (bytes: Buffer, longest: number): Buffer | undefined {
  if (bytes.length < HEAD + TAIL || !bytes.subarray(0, PLAIN_GZIP.length).equals(PLAIN_GZIP)) return undefined
  const decoded = decodedBy(DECODERS.get('gzip')!, bytes.subarray(HEAD, -TAIL), longest)
  if (decoded === undefined) return undefined
  const tail = bytes.subarray(-TAIL)
  return tail.readUInt32LE(0) === zlib.crc32(decoded) && tail.readUInt32LE(4) === decoded.length ? decoded : undefined
}
