import { isObject, type JsonObject } from '../../../core/parse.ts'

export type PieceKind = 'text' | 'refusal' | 'reasoning'

/**
 * The text in a message, or in a delta of one, wherever a host puts it: `content` as a string or as a list of parts with
 * thinking among them (Mistral), `reasoning_content`, or `reasoning` (vLLM). In the order in which it is to be read;
 * empty pieces are not told.
 */
export function readPieces(
  message: JsonObject,
  read: (kind: PieceKind, text: string) => void,
): void {
  const reasoning = reasoningOf(message)
  if (reasoning !== '') read('reasoning', reasoning)
  const { content, refusal } = message
  if (typeof content === 'string') {
    if (content !== '') read('text', content)
  } else if (Array.isArray(content)) {
    for (const part of content) readPart(part, read)
  }
  if (typeof refusal === 'string' && refusal !== '') read('refusal', refusal)
}

/** Reasoning beside the content; hosts that say it twice, under both names, say the same. */
export function reasoningOf({ reasoning_content, reasoning }: JsonObject): string {
  if (typeof reasoning_content === 'string' && reasoning_content !== '') return reasoning_content
  return typeof reasoning === 'string' ? reasoning : ''
}

function readPart(part: unknown, read: (kind: PieceKind, text: string) => void): void {
  if (!isObject(part)) return
  const { text, refusal, thinking } = part
  switch (part['type']) {
    case 'text':
    case 'output_text':
      if (typeof text === 'string' && text !== '') read('text', text)
      return
    case 'refusal':
      if (typeof refusal === 'string' && refusal !== '') read('refusal', refusal)
      return
    case 'thinking': {
      const thought = typeof thinking === 'string' ? thinking : thoughtOf(thinking)
      if (thought !== '') read('reasoning', thought)
      return
    }
    default:
    // References, images: there is no slot for them.
  }
}

function thoughtOf(thinking: unknown): string {
  if (!Array.isArray(thinking)) return ''
  let text = ''
  for (const part of thinking) {
    if (isObject(part) && typeof part['text'] === 'string') text += part['text']
  }
  return text
}
