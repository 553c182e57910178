import type { AudioPart, FilePart, ImagePart, MediaSource } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { mediaOfFileData, mediaTypeOfUrl } from '../../../core/file-data.ts'
import { mediaOfUrl } from '../../../core/media.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined, needObject, needString, readString, readWord } from '../../../core/read.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { CACHE_MEMBERS, decodeCacheMark } from './decode-cache.ts'

/**
 * Images, files and audio. https://platform.openai.com/docs/guides/images-vision and
 * https://platform.openai.com/docs/guides/pdf-files
 */

/** An image; or a file, since callers that know no part for files send documents as images. */
export function decodeImage(
  part: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): ImagePart | FilePart {
  notes.others(part, IMAGE_MEMBERS, 'messages')
  const cache = decodeCacheMark(part, path)
  if (typeof part['image_url'] === 'string') {
    return imageOrFile(mediaAt(part['image_url'], `${path}image_url`), { cache })
  }
  const image = needObject(part, 'image_url', path)
  const at = `${path}image_url.`
  notes.others(image, IMAGE_URL_MEMBERS, 'messages')
  const detail = readWord(image, 'detail', ['auto', 'low', 'high', 'original'], at)
  return imageOrFile(mediaAt(needString(image, 'url', at), `${at}url`), {
    // `auto` is what is done anyway.
    detail: detail === 'auto' ? undefined : detail,
    cache,
  })
}

const IMAGE_MEMBERS = new Set(['type', 'image_url', ...CACHE_MEMBERS])
const IMAGE_URL_MEMBERS = new Set(['url', 'detail'])

function imageOrFile(
  source: MediaSource,
  { detail, cache }: { readonly detail?: string | undefined; readonly cache: FilePart['cache'] },
): ImagePart | FilePart {
  const mediaType = typeOfMedia(source)
  if (mediaType === undefined || mediaType.startsWith('image/')) {
    return defined({ kind: 'image' as const, source, detail, cache })
  }
  const typed = source.kind === 'url' ? { ...source, mediaType } : source
  return defined({ kind: 'file' as const, source: typed, cache })
}

function typeOfMedia(source: MediaSource): string | undefined {
  switch (source.kind) {
    case 'data':
      return source.mediaType
    case 'url':
      return mediaTypeOfUrl(source.url)
    case 'file':
      return undefined
    default:
      return source satisfies never
  }
}

function mediaAt(url: string, path: string): MediaSource {
  const media = mediaOfUrl(url)
  if (media !== undefined) return media
  throw invalidRequest(`${path} must be an address, or a data: URL in base64.`, path)
}

/** A file; or an image, where that is what is in it. */
export function decodeFile(
  part: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): ImagePart | FilePart {
  notes.others(part, FILE_PART_MEMBERS, 'messages')
  const file = needObject(part, 'file', path)
  notes.others(file, FILE_MEMBERS, 'messages')
  const at = `${path}file.`
  const name = readString(file, 'filename', at)
  const source = sourceOfFile(file, name, at)
  const cache = decodeCacheMark(part, path)
  const isImage = source.kind === 'data' && source.mediaType.startsWith('image/')
  if (isImage) return defined({ kind: 'image' as const, source, cache })
  return defined({ kind: 'file' as const, source, name, cache })
}

const FILE_PART_MEMBERS = new Set(['type', 'file', ...CACHE_MEMBERS])
const FILE_MEMBERS = new Set(['file_data', 'file_id', 'filename'])

function sourceOfFile(file: JsonObject, name: string | undefined, path: string): MediaSource {
  const id = readString(file, 'file_id', path)
  if (id !== undefined && id !== '') return { kind: 'file', id }
  const source = mediaOfFileData(needString(file, 'file_data', path), name)
  if (source !== undefined) return source
  throw invalidRequest(
    `${path}file_data must be base64, alone or in a data: URL.`,
    `${path}file_data`,
  )
}

export function decodeAudio(part: JsonObject, path: string, notes: UntranslatedNotes): AudioPart {
  notes.others(part, AUDIO_MEMBERS, 'messages')
  const audio = needObject(part, 'input_audio', path)
  const at = `${path}input_audio.`
  const source = mediaOfFileData(needString(audio, 'data', at))
  if (source?.kind !== 'data') {
    throw invalidRequest(`${at}data must be base64.`, `${at}data`)
  }
  const format = needString(audio, 'format', at).toLowerCase()
  if (/^[a-z0-9]{2,8}$/.test(format)) return { kind: 'audio', data: source.data, format }
  throw invalidRequest(`${at}format must be a format's name, such as wav or mp3.`, `${at}format`)
}

const AUDIO_MEMBERS = new Set(['type', 'input_audio'])
