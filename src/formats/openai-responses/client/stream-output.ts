import type { ChatEvent } from '../../../core/chat-events.ts'
import type { ReasoningProof } from '../../../core/chat.ts'
import { packToolCallId } from '../../../core/tool-call-id.ts'
import type { AnswerContext } from '../../../core/translation.ts'
import type { MessagePart } from '../output-items.ts'
import { callFaces } from '../tool-name.ts'
import { itemIds } from './encode-answer.ts'
import { type OpenCall, openCustomCall, openFunctionCall } from './stream-call.ts'
import { type OpenMessage, openMessage } from './stream-message.ts'
import { openReasoning, type OpenReasoning } from './stream-reasoning.ts'
import type { EventWriter, ItemPlace, OpenItem } from './stream-writer.ts'

/** The events that say something; the others are about the answer as a whole. */
export type ContentEvent = Exclude<
  ChatEvent,
  { kind: 'start' | 'usage' | 'finish' | 'ping' | 'error' | 'end' }
>

/** The items of a streamed answer. */
export interface StreamOutput {
  /** The text of the events for a piece of content; empty where it has to wait. */
  next(event: ContentEvent): string
  /** Ends all that is open; an answer that was cut off, was so in its last item. */
  end(isCutOff: boolean): string
  /** The items that have ended, as JSON. */
  json(): string
}

/**
 * One message or reasoning is open at a time, and calls beside it. A call that has ended stays open until something
 * follows it, because only then is it known that the answer was not cut off there.
 */
export function streamOutput(context: AnswerContext, write: EventWriter): StreamOutput {
  const items = itemList(context)
  const calls = openCalls(context, write, items)
  let current: OpenMessage | OpenReasoning | undefined

  const closeAll = (): string => calls.closeEnded() + closeCurrent()
  const closeCurrent = (): string => {
    const text = current === undefined ? '' : items.close(current, 'completed')
    current = undefined
    return text
  }
  const addText = (kind: MessagePart['kind'], text: string): string => {
    if (current?.kind === 'message') return current.add(kind, text)
    const before = closeAll()
    current = openMessage(write, items.place('msg'))
    return before + current.add(kind, text)
  }
  const addReasoning = (text: string): string => {
    if (current?.kind === 'reasoning') return current.add(text)
    const before = closeAll()
    current = openReasoning(write, items.place('rs'))
    return before + current.add(text)
  }
  const prove = (proof: ReasoningProof): string => {
    const before = current?.kind === 'reasoning' ? '' : closeAll()
    const reasoning =
      current?.kind === 'reasoning' ? current : openReasoning(write, items.place('rs'))
    current = undefined
    reasoning.prove(proof)
    return before + items.close(reasoning, 'completed')
  }
  return {
    next(event) {
      switch (event.kind) {
        case 'text':
        case 'refusal':
          return event.text === '' ? '' : addText(event.kind, event.text)
        case 'reasoning':
          return event.text === '' ? '' : addReasoning(event.text)
        case 'reasoning-proof':
          return prove(event.proof)
        case 'tool-call':
          return closeAll() + calls.begin(event)
        case 'tool-arguments':
          return calls.add(event.call, event.text)
        case 'tool-call-end':
          calls.end(event.call)
          return ''
        default:
          return event satisfies never
      }
    },
    end(isCutOff) {
      const left = current === undefined ? calls.open() : [...calls.open(), current]
      current = undefined
      return left
        .map((item) =>
          items.close(item, isCutOff && items.isLast(item) ? 'incomplete' : 'completed'),
        )
        .join('')
    },
    json: () => items.json(),
  }
}

interface ItemList {
  place(kind: string): ItemPlace
  close(item: OpenItem, status: 'completed' | 'incomplete'): string
  isLast(item: OpenItem): boolean
  json(): string
}

function itemList(context: AnswerContext): ItemList {
  const idOf = itemIds(context)
  /** Each at its place; those that have not ended are missing. */
  const ended: string[] = []
  let count = 0
  return {
    place(kind) {
      const index = count++
      return { id: idOf(kind, index), index }
    },
    close(item, status) {
      const { text, json } = item.close(status)
      ended[item.place.index] = json
      return text
    },
    isLast: ({ place }) => place.index === count - 1,
    json: () => `[${ended.filter((json) => json !== undefined).join(',')}]`,
  }
}

interface OpenCalls {
  begin(event: Extract<ChatEvent, { kind: 'tool-call' }>): string
  add(call: number, text: string): string
  end(call: number): void
  closeEnded(): string
  /** Hands over all that are open. */
  open(): readonly OpenCall[]
}

function openCalls(context: AnswerContext, write: EventWriter, items: ItemList): OpenCalls {
  const faceOf = callFaces(context.request)
  const open = new Map<number, OpenCall>()
  const ended: number[] = []
  const take = (number: number): readonly OpenCall[] => {
    const call = open.get(number)
    open.delete(number)
    return call === undefined ? [] : [call]
  }
  return {
    begin(event) {
      const face = faceOf(event.name)
      const shown = { callId: packToolCallId(event), face, arguments: '' }
      const call = face.isFreeform
        ? openCustomCall(write, items.place('ctc'), shown)
        : openFunctionCall(write, items.place('fc'), shown)
      open.set(event.call, call)
      return call.added
    },
    add: (number, text) => open.get(number)?.add(text) ?? '',
    end: (number) => void ended.push(number),
    closeEnded() {
      if (ended.length === 0) return ''
      const calls = ended.splice(0).flatMap(take)
      return calls.map((call) => items.close(call, 'completed')).join('')
    },
    open: () => [...open.keys()].flatMap(take),
  }
}
