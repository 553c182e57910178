import type { FilePart, ImagePart, MediaSource, TextPart, UserPart } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import { mediaOfUrl, plainBase64, plainMediaType } from '../../../core/media.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined, needObject, needString, needWord, readString } from '../../../core/read.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { decodeText, readBlocks } from './decode-blocks.ts'
import { decodeCache } from './decode-cache.ts'

/** Pictures and documents. https://platform.claude.com/docs/en/build-with-claude/pdf-support */

export function decodeImage(block: JsonObject, path: string, notes: UntranslatedNotes): ImagePart {
  const source = needObject(block, 'source', path)
  const at = `${path}source.`
  const type = needWord(source, 'type', ['base64', 'url', 'file'], at)
  notes.others(block, IMAGE_MEMBERS, 'messages')
  return defined({
    kind: 'image' as const,
    source: decodeSource(source, type, at),
    cache: decodeCache(block, path),
  })
}

const IMAGE_MEMBERS = new Set(['type', 'source', 'cache_control'])

/** A document; its context stands before it as text, and one that is made of blocks with pictures becomes those. */
export function decodeDocument(
  block: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): readonly UserPart[] {
  const context = readString(block, 'context', path) ?? ''
  const name = readString(block, 'title', path)
  const cache = decodeCache(block, path)
  notes.others(block, DOCUMENT_MEMBERS, 'messages')
  const before: readonly TextPart[] = context === '' ? [] : [{ kind: 'text', text: context }]
  const file = (source: FilePart['source']): readonly UserPart[] => [
    ...before,
    defined({ kind: 'file' as const, source, name, cache }),
  ]
  const source = needObject(block, 'source', path)
  const at = `${path}source.`
  const type = needWord(source, 'type', ['base64', 'url', 'text', 'file', 'content'], at)
  if (type === 'text') return file({ kind: 'text', text: needString(source, 'data', at) })
  if (type !== 'content') return file(asPdf(decodeSource(source, type, at)))
  const parts = decodeDocumentContent(source, at, notes)
  const texts = parts.flatMap((part) => (part.kind === 'text' ? [part.text] : []))
  if (texts.length === parts.length) return file({ kind: 'text', text: texts.join('\n\n') })
  const heading: readonly TextPart[] = name === undefined ? [] : [{ kind: 'text', text: name }]
  return [...before, ...heading, ...withCache(parts, cache)]
}

const DOCUMENT_MEMBERS = new Set(['type', 'source', 'title', 'context', 'cache_control'])

/** The only documents that may be given by address are PDFs, and some providers must be told. */
function asPdf(source: MediaSource): MediaSource {
  return source.kind === 'url' ? { ...source, mediaType: 'application/pdf' } : source
}

function decodeDocumentContent(
  source: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): readonly (TextPart | ImagePart)[] {
  const parts: (TextPart | ImagePart)[] = []
  for (const [index, block] of (readBlocks(source, 'content', path) ?? []).entries()) {
    const at = `${path}content.${index}.`
    const isText = needWord(block, 'type', ['text', 'image'], at) === 'text'
    const part = isText ? decodeText(block, at, notes) : decodeImage(block, at, notes)
    if (part !== undefined) parts.push(part)
  }
  return parts
}

/** The whole is to be cached: so with its last part. */
function withCache(
  parts: readonly (TextPart | ImagePart)[],
  cache: FilePart['cache'],
): readonly UserPart[] {
  if (cache === undefined) return parts
  return parts.map((part, index) => (index === parts.length - 1 ? { ...part, cache } : part))
}

function decodeSource(
  source: JsonObject,
  type: 'base64' | 'url' | 'file',
  path: string,
): MediaSource {
  switch (type) {
    case 'base64':
      return {
        kind: 'data',
        mediaType: decodeMediaType(source, path),
        data: decodeBase64(source, path),
      }
    case 'url': {
      const media = mediaOfUrl(needString(source, 'url', path))
      if (media !== undefined) return media
      throw invalidRequest(`${path}url must be an address, or a data: URL in base64.`, `${path}url`)
    }
    case 'file':
      return { kind: 'file', id: needString(source, 'file_id', path) }
    default:
      return type satisfies never
  }
}

function decodeMediaType(source: JsonObject, path: string): string {
  const type = plainMediaType(needString(source, 'media_type', path))
  if (MEDIA_TYPE.test(type)) return type
  throw invalidRequest(
    `${path}media_type must be a media type, such as image/png.`,
    `${path}media_type`,
  )
}

const MEDIA_TYPE = /^[a-z]+\/[a-z0-9.+-]+$/

function decodeBase64(source: JsonObject, path: string): string {
  const data = plainBase64(needString(source, 'data', path)) ?? ''
  if (data !== '') return data
  throw invalidRequest(`${path}data must be base64.`, `${path}data`)
}
