import type { FilePart, ImagePart, TextPart, UserPart } from '../../../core/chat.ts'
import { fromBase64 } from '../../../core/encoding.ts'
import { urlOfMedia } from '../../../core/media.ts'
import { defined } from '../../../core/read.ts'
import type { Draft } from './draft.ts'

/** A piece of text, the way a list of parts has it. */
export const textPart = (text: string): Draft => ({ type: 'text', text })

/**
 * Content in OpenAI's dialect: one string where it is one text, else a list of parts. Cache marks are left out without a
 * word: the hosts of this dialect cache by themselves.
 * https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages
 */
export function encodeContent(parts: readonly UserPart[]): string | Draft[] {
  const encoded = parts.filter((part) => part.kind !== 'text' || part.text !== '').map(encodePart)
  return plainContent(encoded)
}

/** A list of parts, as a string where it is no more than one text. */
export function plainContent(parts: readonly Draft[]): string | Draft[] {
  const [first] = parts
  if (first === undefined) return ''
  return parts.length === 1 && typeof first['text'] === 'string' ? first['text'] : [...parts]
}

export function encodePart(part: UserPart): Draft {
  switch (part.kind) {
    case 'text':
      return textPart(part.text)
    case 'image':
      return encodeImage(part)
    case 'file':
      return encodeFile(part)
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } }
    default:
      return part satisfies never
  }
}

function encodeImage({ source, detail }: ImagePart): Draft {
  // A file that the provider keeps can only be named as a file, also where it is an image.
  if (source.kind === 'file') return { type: 'file', file: { file_id: source.id } }
  return { type: 'image_url', image_url: defined({ url: urlOfMedia(source), detail }) }
}

/** Media types of files that are text. */
const TEXT = /^text\/|^application\/(?:json|xml|yaml|x-yaml|javascript|sql)$/

function encodeFile({ source, name }: FilePart): Draft {
  switch (source.kind) {
    case 'text':
      return textPart(document(source.text, name))
    case 'file':
      return { type: 'file', file: { file_id: source.id } }
    case 'url':
      return { type: 'file', file: defined({ file_url: source.url, filename: name }) }
    case 'data': {
      const text = TEXT.test(source.mediaType) ? textOf(source.data) : undefined
      if (text !== undefined) return textPart(document(text, name))
      const file_data = urlOfMedia(source)
      // The name is required beside the data.
      const filename =
        name ?? (source.mediaType === 'application/pdf' ? 'document.pdf' : 'document')
      return { type: 'file', file: { filename, file_data } }
    }
    default:
      return source satisfies never
  }
}

/** Text files have no part of their own; every model can read them as text. */
function document(text: string, name: string | undefined): string {
  const open = name === undefined ? '<document>' : `<document name=${JSON.stringify(name)}>`
  return `${open}\n${text}\n</document>`
}

function textOf(base64: string): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(fromBase64(base64))
  } catch {
    return undefined
  }
}

/** Instructions: a list only where there are several parts. */
export function encodeInstructions(parts: readonly TextPart[]): string | Draft[] {
  return plainContent(parts.filter(({ text }) => text !== '').map(({ text }) => textPart(text)))
}
