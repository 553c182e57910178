import type { MediaSource } from './chat.ts'
import { mediaOfUrl, plainBase64 } from './media.ts'

/** Files as OpenAI's formats carry them: a data URL, or base64 alone beside a name. */

/** What is known of documents by the ends of their names. */
const TYPES: Readonly<Record<string, string>> = {
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  htm: 'text/html',
  xml: 'text/xml',
  json: 'application/json',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
}

const UNKNOWN = 'application/octet-stream'
/** `%PDF-` in base64. */
const PDF_START = 'JVBERi'

/** The media type that a file's name speaks for. */
export function mediaTypeOfName(name: string): string | undefined {
  const end = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase()
  return end !== undefined && Object.hasOwn(TYPES, end) ? TYPES[end] : undefined
}

/** The media type that a URL speaks for: the end of its path, else of its query. */
export function mediaTypeOfUrl(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined
  const { pathname, search } = new URL(url)
  return mediaTypeOfName(pathname) ?? mediaTypeOfName(search)
}

/** The file in `file_data`; undefined for what is neither a data URL nor base64. */
export function mediaOfFileData(data: string, name = ''): MediaSource | undefined {
  const isUrl = /^data:/i.test(data)
  const source = isUrl ? mediaOfUrl(data) : mediaOfBase64(data)
  if (source?.kind !== 'data' || source.mediaType !== UNKNOWN) return source
  const guess = source.data.startsWith(PDF_START) ? 'application/pdf' : UNKNOWN
  return { ...source, mediaType: mediaTypeOfName(name) ?? guess }
}

function mediaOfBase64(text: string): MediaSource | undefined {
  const data = plainBase64(text) ?? ''
  return data === '' ? undefined : { kind: 'data', mediaType: UNKNOWN, data }
}
