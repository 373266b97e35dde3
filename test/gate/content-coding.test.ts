import { randomBytes } from 'node:crypto'
import zlib, { brotliCompressSync, crc32, deflateRawSync, deflateSync, gzipSync } from 'node:zlib'
import t from 'tap'
import { CompressedBody } from '../../lib/gate/content-coding.js'

/** What counts as a text in a content coding: all of it, and nothing beside it. */

const { zstdCompressSync } = zlib as { zstdCompressSync?: (bytes: Buffer) => Buffer }

const CODERS: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, ...(zstdCompressSync !== undefined && { zstd: zstdCompressSync })
}

const TEXT = Buffer.from('{"name":"Jane Doe"}'.repeat(500))

/** What is left of these bytes once they were given in parts of this size. */
function finished (coding: unknown, bytes: Buffer, longest = TEXT.length, size = bytes.length) {
  const body = CompressedBody.of(coding, longest)
  for (let at = 0; at < bytes.length; at += size) body?.add(bytes.subarray(at, at + size))
  return body?.finish()
}

for (const [coding, encode] of Object.entries(CODERS)) {
  t.test(`${coding}: a whole body → as it was given, and decoded`, async t => {
    const coded = encode(TEXT)
    for (const size of [1, 7, coded.length]) t.strictSame(finished(coding, coded, TEXT.length, size), { coded, decoded: TEXT })
    t.strictSame(finished(coding.toUpperCase(), coded)?.decoded, TEXT)
    const noise = randomBytes(200_000)
    t.strictSame(finished(coding, encode(noise), noise.length)?.decoded, noise, 'one that cannot be compressed is not too long')
  })

  t.test(`${coding}: bytes that are cut, broken, or no such coding → nothing`, async t => {
    const coded = encode(TEXT)
    // Some decoders make nothing of the first bytes, without a word.
    for (const length of [0, 1, 9, 17, 18, coded.length - 9, coded.length - 1]) t.equal(finished(coding, coded.subarray(0, length))?.decoded.length ?? 0, 0, String(length))
    t.equal(finished(coding, TEXT), undefined, 'not encoded')
    for (const [other, encodeOther] of Object.entries(CODERS)) {
      if (other !== coding) t.equal(finished(coding, encodeOther(TEXT)), undefined, other)
    }
  })

  t.test(`${coding}: something behind the body → nothing`, async t => {
    for (const [what, more] of Object.entries({ bytes: Buffer.from('more'), 'a zero': Buffer.alloc(1), 'an empty body': encode(Buffer.alloc(0)), 'the body again': encode(TEXT) })) {
      t.equal(finished(coding, Buffer.concat([encode(TEXT), more]), 2 * TEXT.length), undefined, what)
    }
  })

  t.test(`${coding}: a body that decodes to more than it may → nothing, and no more than that is decoded`, async t => {
    t.equal(finished(coding, encode(TEXT), TEXT.length - 1), undefined)
    t.equal(finished(coding, encode(Buffer.alloc(50_000_000)), 1000), undefined)
  })
}

t.test('gzip: a member with a name, a comment, another field or a wrong check → nothing', async t => {
  const plain = gzipSync(TEXT)
  const fields: Record<string, readonly [number, Buffer]> = {
    name: [8, Buffer.from('secret\0')],
    comment: [16, Buffer.from('secret\0')],
    extra: [4, Buffer.from('\x06\0secret')],
    text: [1, Buffer.alloc(0)]
  }
  for (const [what, [flag, bytes]] of Object.entries(fields)) {
    const head = Buffer.from(plain.subarray(0, 10))
    head[3] = flag
    t.equal(finished('gzip', Buffer.concat([head, bytes, plain.subarray(10)])), undefined, what)
  }
  const member = (check: number, length: number) => {
    const tail = Buffer.alloc(8)
    tail.writeUInt32LE(check)
    tail.writeUInt32LE(length, 4)
    return Buffer.concat([plain.subarray(0, 10), deflateRawSync(TEXT), tail])
  }
  t.strictSame(finished('gzip', member(crc32(TEXT), TEXT.length))?.decoded, TEXT)
  t.equal(finished('gzip', member(crc32('secret'), TEXT.length)), undefined)
  t.equal(finished('gzip', member(crc32(TEXT), 4711)), undefined)
})

t.test('more bytes than any encoder makes of the text → refused at once', async t => {
  const body = CompressedBody.of('gzip', 1000)!
  t.equal(body.add(Buffer.alloc(2274)), true)
  t.equal(body.add(Buffer.alloc(1)), false)
})

t.test('memory that is used again by whoever wrote it → no matter', async t => {
  const coded = gzipSync(TEXT)
  const body = CompressedBody.of('gzip', TEXT.length)!
  const part = Buffer.alloc(16)
  for (let at = 0; at < coded.length; at += part.length) body.add(part.subarray(0, coded.copy(part, 0, at)))
  t.strictSame(body.finish(), { coded, decoded: TEXT })
})

t.test('another coding, several, or none → not one to decode', async t => {
  for (const coding of ['identity', 'compress', 'x-gzip', 'gzip, br', ['gzip', 'br'], ['gzip'].concat('gzip'), '', ' gzip', undefined, null, 1, 'constructor', '__proto__']) t.equal(CompressedBody.of(coding, 10), undefined, String(coding))
})
