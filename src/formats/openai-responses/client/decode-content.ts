import { readCacheBreakpoint } from '../../../core/cache-breakpoint.ts'
import type { CacheMark, FilePart, ImagePart, MediaSource, UserPart } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { mediaOfFileData, mediaTypeOfUrl } from '../../../core/file-data.ts'
import { mediaOfUrl } from '../../../core/media.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined, needObject, needString, readObjects, readString } from '../../../core/read.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'

/**
 * What callers send in messages and in results of tools: a text, or a list of parts. Empty texts say nothing and are
 * left out. https://platform.openai.com/docs/api-reference/responses/create#responses-create-input
 */
export function decodeContent(
  owner: JsonObject,
  member: string,
  path: string,
  notes: UntranslatedNotes,
): readonly UserPart[] {
  const content = owner[member]
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }]
  const parts = readObjects(owner, member, path)
  if (parts === undefined) throw invalidRequest(`${path}${member} is missing.`, path + member)
  return parts
    .map((part, index) => decodePart(part, `${path}${member}.${index}.`, notes))
    .filter((part) => part.kind !== 'text' || part.text !== '')
}

/** One part of a message or of a result; its text may be empty. */
export function decodePart(part: JsonObject, path: string, notes: UntranslatedNotes): UserPart {
  const type = needString(part, 'type', path)
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      notes.others(part, TEXT_MEMBERS, 'input')
      return { kind: 'text', text: needString(part, 'text', path), ...cacheOf(part, path) }
    case 'input_image':
      notes.others(part, IMAGE_MEMBERS, 'input')
      return decodeImage(part, path)
    case 'input_file':
      notes.others(part, FILE_MEMBERS, 'input')
      return decodeFile(part, path)
    case 'input_audio':
      return decodeAudio(needObject(part, 'input_audio', path), `${path}input_audio.`)
    default:
      throw invalidRequest(
        `${path}type must be one of input_text, input_image, input_file, input_audio.`,
        `${path}type`,
      )
  }
}

const TEXT_MEMBERS = new Set(['type', 'text', 'annotations', 'logprobs', 'prompt_cache_breakpoint'])
const IMAGE_MEMBERS = new Set(['type', 'image_url', 'file_id', 'detail', 'prompt_cache_breakpoint'])
const FILE_MEMBERS = new Set([
  'type',
  'file_data',
  'file_url',
  'file_id',
  'filename',
  'prompt_cache_breakpoint',
])

function decodeImage(part: JsonObject, path: string): ImagePart | FilePart {
  const url = readString(part, 'image_url', path)
  const source = url === undefined ? fileOf(part, 'image_url', path) : mediaOfUrl(url)
  if (source === undefined) throw notMedia('image_url', path)
  if (!isImage(source)) return { kind: 'file', source, ...cacheOf(part, path) }
  const detail = readString(part, 'detail', path)
  // `auto` is what is done anyway.
  const wish = detail === undefined || detail === 'auto' ? {} : { detail }
  return { kind: 'image', source, ...wish, ...cacheOf(part, path) }
}

function decodeFile(part: JsonObject, path: string): FilePart | ImagePart {
  const name = readString(part, 'filename', path)
  const source = fileSource(part, name, path)
  const cache = cacheOf(part, path)
  if (source.kind === 'data' && isImage(source)) return { kind: 'image', source, ...cache }
  return defined({ kind: 'file' as const, source, name, ...cache })
}

function fileSource(part: JsonObject, name: string | undefined, path: string): MediaSource {
  const data = readString(part, 'file_data', path)
  if (data !== undefined) {
    const source = mediaOfFileData(data, name)
    if (source === undefined) throw notMedia('file_data', path)
    return source
  }
  const url = readString(part, 'file_url', path)
  if (url === undefined) return fileOf(part, 'file_data', path)
  const source = mediaOfUrl(url)
  if (source === undefined) throw notMedia('file_url', path)
  const mediaType = source.kind === 'url' ? mediaTypeOfUrl(url) : undefined
  return mediaType === undefined ? source : { kind: 'url', url, mediaType }
}

/** A file that OpenAI keeps; `member` is what is missing where there is none. */
function fileOf(part: JsonObject, member: string, path: string): MediaSource {
  const id = readString(part, 'file_id', path)
  if (id === undefined) throw invalidRequest(`${path}${member} is missing.`, path + member)
  return { kind: 'file', id }
}

function isImage(source: MediaSource): boolean {
  return source.kind !== 'data' || source.mediaType.startsWith('image/')
}

function decodeAudio(audio: JsonObject, path: string): UserPart {
  const data = needString(audio, 'data', path)
  return { kind: 'audio', data, format: needString(audio, 'format', path) }
}

function cacheOf(part: JsonObject, path: string): { readonly cache?: CacheMark } {
  const cache = readCacheBreakpoint(part, path)
  return cache === undefined ? {} : { cache }
}

function notMedia(member: string, path: string): Error {
  const what = member === 'file_data' ? 'a data URL or base64' : 'an http(s) or data URL'
  return invalidRequest(`${path}${member} must be ${what}.`, path + member)
}
