import type { FilePart, ImagePart, MediaSource } from '../../../core/chat.ts'
import type { Compat } from '../../../core/compat.ts'
import { fromBase64 } from '../../../core/encoding.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { mediaTypeOfUrl } from '../../../core/file-data.ts'
import type { ClaudeProfile } from '../profile.ts'
import { cacheMembers } from './cache-marks.ts'
import type { Block } from './turns.ts'

export interface MediaTarget {
  readonly profile: ClaudeProfile
  readonly compat: Compat
}

/** https://platform.claude.com/docs/en/build-with-claude/vision */
const IMAGE_TYPES: ReadonlySet<string> = new Set([
  'image/jpeg',
  'image/png',
  'image/gif',
  'image/webp',
])
const PDF = 'application/pdf'
/** Documents that are text, whatever they are called. */
const TEXT_TYPE = /^text\/|^application\/(?:json|xml|yaml|x-yaml|javascript|x-ndjson)$/

/** The block for an image; undefined where it was refused and the caller can do without. */
export function encodeImage(part: ImagePart, target: MediaTarget): Block | undefined {
  const { source, detail, cache } = part
  if (detail !== undefined && detail !== 'auto') target.compat.changed('detail')
  const made = blockOf(source, 'image', target.profile)
  if (typeof made === 'object') return { ...made, ...cacheMembers(cache) }
  if (made !== undefined) target.compat.refused('image', made)
  return undefined
}

/** The block for a file; undefined where it was refused and the caller can do without, or there is nothing in it. */
export function encodeFile(part: FilePart, target: MediaTarget): Block | undefined {
  const { source, name: title, cache } = part
  const made =
    source.kind === 'text' ? textDocument(source.text) : blockOf(source, 'file', target.profile)
  if (typeof made === 'object') {
    const titled = title !== undefined && title !== '' && made['type'] === 'document'
    return { ...made, ...(titled ? { title } : {}), ...cacheMembers(cache) }
  }
  if (made !== undefined) target.compat.refused('file', made)
  return undefined
}

/** The block, or why there can be none; undefined where there is nothing in it. */
function blockOf(
  source: MediaSource,
  kind: 'image' | 'file',
  { hasFiles, fetchesUrls }: ClaudeProfile,
): Block | string | undefined {
  switch (source.kind) {
    case 'file':
      if (!hasFiles) return 'no files are kept where this model runs.'
      return blockWith(kind, { type: 'file', file_id: source.id })
    case 'url': {
      const { url } = source
      if (!fetchesUrls || !/^https?:/i.test(url)) {
        return 'it does not fetch this URL. Send the data itself.'
      }
      const mediaType = source.mediaType ?? mediaTypeOfUrl(url) ?? (kind === 'file' ? PDF : '')
      if (mediaType === PDF) return blockWith('file', { type: 'url', url })
      if (kind === 'image' || mediaType.startsWith('image/')) {
        return blockWith('image', { type: 'url', url })
      }
      return 'it fetches images and PDF documents only.'
    }
    case 'data': {
      const { mediaType, data } = source
      const base64 = { type: 'base64', media_type: mediaType, data }
      if (IMAGE_TYPES.has(mediaType)) return blockWith('image', base64)
      if (mediaType === PDF) return blockWith('file', base64)
      if (TEXT_TYPE.test(mediaType)) return textDocument(textOf(data, kind))
      return 'it takes JPEG, PNG, GIF, WebP, PDF and text only.'
    }
    default:
      return source satisfies never
  }
}

function blockWith(kind: 'image' | 'file', source: Block): Block {
  return { type: kind === 'file' ? 'document' : 'image', source }
}

function textDocument(text: string): Block | undefined {
  if (text.trim() === '') return undefined
  return blockWith('file', { type: 'text', media_type: 'text/plain', data: text })
}

const decoder = new TextDecoder()

function textOf(base64: string, param: string): string {
  try {
    return decoder.decode(fromBase64(base64))
  } catch {
    throw invalidRequest('The data of a file is not base64.', param)
  }
}
