import { isObject, type JsonObject } from '../../../core/parse.ts'
import type { Draft, FitTarget } from './draft.ts'

/** A turn's content as the host takes it. What is neither text nor a list is the provider's to judge. */
export function fitContent(content: unknown, target: FitTarget): unknown {
  if (!Array.isArray(content)) return content
  const given: readonly unknown[] = content
  const parts = given.flatMap((part) => fitPart(part, target))
  // Only media were in it, and the model takes none.
  if (parts.length === 0 && given.length > 0) return ''
  const isText = parts.every((part) => isObject(part) && typeof part['text'] === 'string')
  return isText && !target.profile.messages.takesTextParts ? plainText(parts) : parts
}

/** All text of a content as one. */
export function plainText(content: unknown): string {
  if (typeof content === 'string') return content
  if (!Array.isArray(content)) return ''
  const given: readonly unknown[] = content
  return given
    .flatMap((part) => (isObject(part) && typeof part['text'] === 'string' ? [part['text']] : []))
    .join('\n\n')
}

function fitPart(part: unknown, target: FitTarget): unknown[] {
  if (!isObject(part)) return [part]
  switch (part['type']) {
    case 'image_url':
      return fitImage(part, target)
    case 'file':
      return fitFile(part, target)
    case 'input_audio':
      if (target.profile.media.audio) return [part]
      target.compat.refused('audio', 'the model does not listen.')
      return []
    default:
      return [part]
  }
}

function fitImage(part: JsonObject, { profile, compat }: FitTarget): unknown[] {
  if (!profile.media.images) {
    compat.refused('image', 'the model does not see.')
    return []
  }
  const image = part['image_url']
  if (profile.media.imageDetail || !isObject(image) || !('detail' in image)) return [part]
  const { detail, ...plain } = image
  if (detail !== 'auto' && detail !== null) compat.changed('detail')
  return [{ ...part, image_url: plain }]
}

function fitFile(part: JsonObject, { profile, compat }: FitTarget): unknown[] {
  const file = isObject(part['file']) ? part['file'] : {}
  const { file_data, file_url } = file
  switch (profile.media.files) {
    case 'any':
      return [part]
    case 'file':
      if (file_url === undefined) return [part]
      compat.refused('file', 'files are taken with their data, and not by their address.')
      return []
    case 'document-url': {
      const url = file_url ?? file_data
      if (typeof url === 'string') return [asDocument(url, file['filename'])]
      compat.refused('file', 'files that a provider keeps cannot be named.')
      return []
    }
    case 'none':
      compat.refused('file', 'the model reads text files only.')
      return []
    default:
      return profile.media.files satisfies never
  }
}

function asDocument(url: string, name: unknown): Draft {
  const document_name = typeof name === 'string' ? { document_name: name } : {}
  return { type: 'document_url', document_url: url, ...document_name }
}
