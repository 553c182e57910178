import type { AssistantPart, TextPart, UserPart } from '../../../core/chat.ts'
import { invalidRequest } from '../../../core/errors.ts'
import type { JsonObject } from '../../../core/parse.ts'
import { defined, needString, needWord, readObjects } from '../../../core/read.ts'
import type { UntranslatedNotes } from '../../../core/untranslated.ts'
import { CACHE_MEMBERS, decodeCacheMark } from './decode-cache.ts'
import { decodeAudio, decodeFile, decodeImage } from './decode-media.ts'

/** The `content` of messages. https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages */

/** A message's text, or its parts; undefined where it has none. */
export function readContent(
  message: JsonObject,
  path: string,
): string | readonly JsonObject[] | undefined {
  const { content } = message
  if (typeof content === 'string') return content
  if (content === undefined || content === null || Array.isArray(content)) {
    return readObjects(message, 'content', path)
  }
  throw invalidRequest(`${path}content must be a string or a list of parts.`, `${path}content`)
}

/** Content that must be there. Empty texts say nothing, and providers refuse them: they are left out. */
function needContent(message: JsonObject, path: string): string | readonly JsonObject[] {
  const content = readContent(message, path)
  if (content !== undefined) return content
  throw invalidRequest(`${path}content is missing.`, `${path}content`)
}

export function decodeTexts(
  message: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): readonly TextPart[] {
  const content = needContent(message, path)
  if (typeof content === 'string')
    return [{ kind: 'text' as const, text: content }].filter(isNotEmpty)
  return content
    .map((part, index) => {
      const at = `${path}content.${index}.`
      needWord(part, 'type', ['text'], at)
      return decodeText(part, at, notes)
    })
    .filter(isNotEmpty)
}

export function decodeUserParts(
  message: JsonObject,
  path: string,
  notes: UntranslatedNotes,
): readonly UserPart[] {
  const content = needContent(message, path)
  if (typeof content === 'string')
    return [{ kind: 'text' as const, text: content }].filter(isNotEmpty)
  return content
    .map((part, index) => decodeUserPart(part, `${path}content.${index}.`, notes))
    .filter(isNotEmpty)
}

/** Whether a part says something, as all do but a text without a letter. */
export function isNotEmpty(part: UserPart | AssistantPart): boolean {
  return !('text' in part) || part.text !== ''
}

export function decodeText(part: JsonObject, path: string, notes: UntranslatedNotes): TextPart {
  notes.others(part, TEXT_MEMBERS, 'messages')
  const text = needString(part, 'text', path)
  return defined({ kind: 'text' as const, text, cache: decodeCacheMark(part, path) })
}

/** What a model said may come back with what it quoted. */
const TEXT_MEMBERS = new Set(['type', 'text', 'annotations', ...CACHE_MEMBERS])

function decodeUserPart(part: JsonObject, path: string, notes: UntranslatedNotes): UserPart {
  const type = needWord(part, 'type', ['text', 'image_url', 'file', 'input_audio'], path)
  switch (type) {
    case 'text':
      return decodeText(part, path, notes)
    case 'image_url':
      return decodeImage(part, path, notes)
    case 'file':
      return decodeFile(part, path, notes)
    case 'input_audio':
      return decodeAudio(part, path, notes)
    default:
      return type satisfies never
  }
}
