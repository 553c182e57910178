import { messageContent, messageItem, type MessagePart } from '../output-items.ts'
import {
  type EventWriter,
  itemAdded,
  itemDone,
  itemFields,
  type ItemPlace,
  type OpenItem,
} from './stream-writer.ts'

/** A message while it is written: texts and refusals, each a part of it. */
export interface OpenMessage extends OpenItem {
  readonly kind: 'message'
  add(kind: MessagePart['kind'], text: string): string
}

export function openMessage(write: EventWriter, place: ItemPlace): OpenMessage {
  const fields = itemFields(place)
  const parts: { kind: MessagePart['kind']; text: string }[] = []
  let added = itemAdded(write, place, messageItem(place.id, [], 'in_progress'))
  let part: (typeof parts)[number] | undefined
  let partFields = ''
  const openPart = (kind: MessagePart['kind']): string => {
    const before = added + closePart()
    added = ''
    partFields = `${fields},"content_index":${parts.length}`
    part = { kind, text: '' }
    parts.push(part)
    return before + write('response.content_part.added', `${partFields},"part":${jsonOf(part)}`)
  }
  const closePart = (): string => {
    if (part === undefined) return ''
    const text = JSON.stringify(part.text)
    const done =
      part.kind === 'refusal'
        ? write('response.refusal.done', `${partFields},"refusal":${text}`)
        : write('response.output_text.done', `${partFields},"text":${text},"logprobs":[]`)
    return done + write('response.content_part.done', `${partFields},"part":${jsonOf(part)}`)
  }
  return {
    kind: 'message',
    place,
    add(kind, text) {
      const opened = part?.kind === kind ? '' : openPart(kind)
      if (part !== undefined) part.text += text
      const delta = `${partFields},"delta":${JSON.stringify(text)}`
      return kind === 'refusal'
        ? opened + write('response.refusal.delta', delta)
        : opened + write('response.output_text.delta', `${delta},"logprobs":[]`)
    },
    close: (status) => itemDone(write, place, messageItem(place.id, parts, status), closePart()),
  }
}

function jsonOf(part: MessagePart): string {
  return JSON.stringify(messageContent(part))
}
