import type { ChatEvent } from '../../../core/chat-events.ts'
import type { AnswerContext } from '../../../core/translation.ts'
import { type BlockEncoder, blockEncoder } from './encode-blocks.ts'

type CallEvent = Extract<ChatEvent, { readonly call: number }>
type PartEvent = Extract<
  ChatEvent,
  { readonly kind: 'text' | 'refusal' | 'reasoning' | 'reasoning-proof' }
>

/** Events that carry content. */
export type ContentEvent = CallEvent | PartEvent

export interface ContentEncoder {
  next(event: ContentEvent): string
  /** No content follows: what had to wait, and the end of the last block. */
  finish(): string
}

/** A call that waits for its turn, with what is known of it. */
interface HeldCall {
  readonly kind: 'held-call'
  readonly begun: Extract<CallEvent, { readonly kind: 'tool-call' }>
  arguments: string
  isEnded: boolean
}

/**
 * Content in the order in which it began. This format has one block open at a time, but calls may go on while others
 * begin: whatever begins after a call waits until that one has ended.
 */
export function contentEncoder(context: AnswerContext): ContentEncoder {
  const blocks = blockEncoder(context)
  const held = heldContent()
  /** The call that is being written; -1 where none is. */
  let current = -1
  const begin = ({ begun, arguments: text, isEnded }: HeldCall): string => {
    const events = blocks.beginCall(begun) + blocks.callArguments(text)
    if (isEnded) return events + blocks.endCall()
    current = begun.call
    return events
  }
  const end = (): string => {
    current = -1
    let events = blocks.endCall()
    let piece = held.take()
    while (piece !== undefined) {
      events += piece.kind === 'held-call' ? begin(piece) : writePart(blocks, piece)
      piece = current === -1 ? held.take() : undefined
    }
    return events
  }
  return {
    next(event) {
      if (current !== -1) {
        if (!('call' in event) || event.call !== current) return held.add(event)
        return event.kind === 'tool-call-end' ? end() : writeArguments(blocks, event)
      }
      if (!('call' in event)) return writePart(blocks, event)
      if (event.kind !== 'tool-call') return ''
      current = event.call
      return blocks.beginCall(event)
    },
    finish() {
      held.endAll()
      return (current === -1 ? '' : end()) + blocks.close()
    },
  }
}

function writePart(blocks: BlockEncoder, event: PartEvent): string {
  switch (event.kind) {
    case 'text':
    case 'refusal':
      return blocks.text(event.kind, event.text)
    case 'reasoning':
      return blocks.reasoning(event.text)
    case 'reasoning-proof':
      return blocks.proof(event.proof)
    default:
      return event satisfies never
  }
}

function writeArguments(blocks: BlockEncoder, event: CallEvent): string {
  return event.kind === 'tool-arguments' ? blocks.callArguments(event.text) : ''
}

/** Content that waits, in the order in which it began. */
function heldContent(): {
  /** Keeps an event; there is no text for it yet. */
  add(event: ContentEvent): ''
  take(): HeldCall | PartEvent | undefined
  endAll(): void
} {
  const queue: (HeldCall | PartEvent)[] = []
  const calls = new Map<number, HeldCall>()
  let taken = 0
  return {
    add(event) {
      if (!('call' in event)) queue.push(event)
      else if (event.kind === 'tool-call') {
        const call: HeldCall = { kind: 'held-call', begun: event, arguments: '', isEnded: false }
        queue.push(call)
        calls.set(event.call, call)
      } else {
        const call = calls.get(event.call)
        if (call === undefined) return ''
        if (event.kind === 'tool-arguments') call.arguments += event.text
        else call.isEnded = true
      }
      return ''
    },
    take() {
      const piece = queue[taken++]
      if (piece?.kind === 'held-call') calls.delete(piece.begun.call)
      if (piece === undefined) {
        queue.length = 0
        taken = 0
      }
      return piece
    },
    endAll() {
      for (const call of calls.values()) call.isEnded = true
    },
  }
}
