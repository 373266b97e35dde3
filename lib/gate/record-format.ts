import Negotiator from 'negotiator'

/** How records are put together to one body. */
export interface RecordFormat {
  readonly mediaType: string
  readonly open: string
  /** Between a record and the next one. */
  readonly between: string
  /** After each record. */
  readonly after: string
  readonly close: string
}

const JSON_ARRAY: RecordFormat = { mediaType: 'application/json', open: '[', between: ',', after: '', close: ']' }

/** One record a line. */
const NDJSON: RecordFormat = { mediaType: 'application/x-ndjson', open: '', between: '', after: '\n', close: '' }

const FORMATS = [JSON_ARRAY, NDJSON]

/**
 * The format that a client would rather have (RFC 9110 12.5.1); a JSON array where it has no preference, or accepts
 * neither.
 * @param accept the header `Accept`
 */
export function acceptedFormat (accept: string | undefined): RecordFormat {
  if (accept === undefined) return JSON_ARRAY
  const mediaType = new Negotiator({ headers: { accept } }).mediaType(FORMATS.map(({ mediaType }) => mediaType))
  return FORMATS.find(format => format.mediaType === mediaType) ?? JSON_ARRAY
}

/** The format of a content type that the application has chosen; undefined where records are not written so. */
export function formatOf (contentType: string): RecordFormat | undefined {
  const mediaType = contentType.split(';', 1)[0]!.trim().toLowerCase()
  if (mediaType === NDJSON.mediaType) return NDJSON
  return /[/+]json$/.test(mediaType) ? JSON_ARRAY : undefined
}
