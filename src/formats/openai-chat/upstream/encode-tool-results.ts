import type { ToolMessage, UserPart } from '../../../core/chat.ts'
import { failedResultText } from '../../../core/failed-result.ts'
import type { Draft } from './draft.ts'
import { encodePart, plainContent, textPart } from './encode-content.ts'

/** What stands in a result's text for what only a turn of the user can bear. */
const MEDIA_NAMES = { image: 'Image', file: 'File', audio: 'Recording' } as const

/**
 * The results of a turn's calls: one message each, and behind them all one turn of the user with the images and files
 * that results had, since tool messages bear text only.
 */
export function encodeToolResults(results: readonly ToolMessage[]): Draft[] {
  const media: Draft[] = []
  let count = 0
  const encodeResultPart = (part: UserPart): Draft => {
    const encoded = encodePart(part)
    if (encoded['type'] === 'text') return encoded
    count += 1
    const label = `${part.kind === 'text' ? 'Text' : MEDIA_NAMES[part.kind]} ${count}`
    media.push(textPart(`${label} of the tool results:`), encoded)
    return textPart(`[${label} is in the message that follows.]`)
  }
  const messages: Draft[] = results.map(({ callId, content, isError }) => {
    const parts = content
      .filter((part) => part.kind !== 'text' || part.text !== '')
      .map(encodeResultPart)
    return {
      role: 'tool',
      tool_call_id: callId,
      content: plainContent(isError === true ? asError(parts) : parts),
    }
  })
  if (media.length > 0) messages.push({ role: 'user', content: media })
  return messages
}

/** The dialect has no other way to say that a call failed. */
function asError(parts: readonly Draft[]): Draft[] {
  const [first, ...rest] = parts
  const text = typeof first?.['text'] === 'string' ? first['text'] : undefined
  return [textPart(failedResultText(text)), ...rest]
}
