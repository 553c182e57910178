import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../core/chat.ts'
import type { Compat } from '../../core/compat.ts'
import { base64 } from '../../core/encoding.ts'
import { mediaTypeOfUrl } from '../../core/file-data.ts'
import { plainMediaType } from '../../core/media.ts'
import type { DocumentNames } from './document-names.ts'
import type { ConverseProfile } from './profile.ts'
import type { MediaBlock, Source } from './wire.ts'

export interface MediaTarget {
  readonly profile: Pick<ConverseProfile, 'media'>
  readonly compat: Compat
  readonly nameOf: DocumentNames
}

const IMAGE_FORMATS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpeg',
  'image/png': 'png',
  'image/gif': 'gif',
  'image/webp': 'webp',
}

const DOCUMENT_FORMATS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'text/csv': 'csv',
  'text/html': 'html',
  'text/markdown': 'md',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
}

/** Documents that are text, whatever they are called. */
const TEXT_TYPE = /^text\/|^application\/(?:json|xml|yaml|x-yaml|javascript|x-ndjson)$/

const encoder = new TextEncoder()

/** The block for an image; undefined where it was refused and the caller can do without. */
export function encodeImage(part: ImagePart, target: MediaTarget): MediaBlock | undefined {
  if (part.detail !== undefined && part.detail !== 'auto') target.compat.changed('detail')
  return encodeSource(part.source, { kind: 'image' }, target)
}

/** The block for a file; undefined where it was refused and the caller can do without, or there is nothing in it. */
export function encodeFile(
  { source, name }: FilePart,
  target: MediaTarget,
): MediaBlock | undefined {
  if (source.kind !== 'text') return encodeSource(source, { kind: 'file', name }, target)
  if (source.text.trim() === '') return undefined
  const data = base64(encoder.encode(source.text))
  return encodeSource(
    { kind: 'data', mediaType: 'text/plain', data },
    { kind: 'file', name },
    target,
  )
}

/** The block for sound; undefined where it was refused and the caller can do without. */
export function encodeAudio(
  { data, format }: AudioPart,
  { profile, compat }: MediaTarget,
): MediaBlock | undefined {
  if (profile.media.audio) return { audio: { format, source: { bytes: data } } }
  compat.refused('audio', 'the model does not hear.')
  return undefined
}

interface Wanted {
  readonly kind: 'image' | 'file'
  readonly name?: string | undefined
}

function encodeSource(
  source: MediaSource,
  wanted: Wanted,
  target: MediaTarget,
): MediaBlock | undefined {
  const { media } = target.profile
  switch (source.kind) {
    case 'file':
      target.compat.refused(wanted.kind, 'no files are kept where the model runs.')
      return undefined
    case 'url': {
      const { url } = source
      const type = source.mediaType ?? mediaTypeOfUrl(url)
      if (media.s3 && /^s3:\/\//i.test(url) && type !== undefined) {
        return encodeMedia({ s3Location: { uri: url } }, plainMediaType(type), wanted, target)
      }
      target.compat.refused(wanted.kind, 'it is not fetched from there; send the data itself.')
      return undefined
    }
    case 'data':
      return encodeMedia({ bytes: source.data }, source.mediaType, wanted, target)
    default:
      return source satisfies never
  }
}

/** What something is follows from its type, and not from what the caller calls it. */
function encodeMedia(
  source: Source,
  type: string,
  { kind, name }: Wanted,
  { profile: { media }, compat, nameOf }: MediaTarget,
): MediaBlock | undefined {
  const imageFormat = IMAGE_FORMATS[type]
  if (imageFormat !== undefined) {
    if (media.images) return { image: { format: imageFormat, source } }
    compat.refused(kind, 'the model does not see.')
    return undefined
  }
  const format = DOCUMENT_FORMATS[type] ?? (TEXT_TYPE.test(type) ? 'txt' : undefined)
  if (format === undefined) {
    const why = 'it may be JPEG, PNG, GIF, WebP, PDF, Word, Excel, CSV, HTML, Markdown or text.'
    compat.refused(kind, why)
    return undefined
  }
  if (media.documents) return { document: { format, name: nameOf(name), source } }
  compat.refused(kind, 'the model reads no documents.')
  return undefined
}
