import type { ChatEvent } from '../../../core/chat-events.ts'
import type { ReasoningProof } from '../../../core/chat.ts'
import { packProof } from '../../../core/reasoning-proof.ts'
import type { AnswerContext } from '../../../core/translation.ts'
import { blockEvents } from './block-events.ts'
import { toolUseId } from './encode-ids.ts'

/**
 * Content as the events of blocks, one after the other: a piece of another kind closes the block before it, an empty one
 * does nothing. A call is open until it is ended, and nothing else may be added meanwhile.
 */
export interface BlockEncoder {
  text(kind: 'text' | 'refusal', text: string): string
  reasoning(text: string): string
  proof(proof: ReasoningProof): string
  beginCall(call: Extract<ChatEvent, { readonly kind: 'tool-call' }>): string
  callArguments(text: string): string
  endCall(): string
  close(): string
}

const TEXT = '{"type":"text","text":"","citations":null}'
const THINKING = '{"type":"thinking","thinking":"","signature":""}'

export function blockEncoder(context: AnswerContext): BlockEncoder {
  const events = blockEvents()
  let open: 'nothing' | 'text' | 'refusal' | 'reasoning' | 'call' = 'nothing'
  let hasArguments = false
  const close = (): string => {
    if (open === 'nothing') return ''
    // Some libraries give back only reasoning that had a signature, and some providers want theirs back without one.
    const unsigned = open === 'reasoning' ? events.signature('') : ''
    open = 'nothing'
    return unsigned + events.stop()
  }
  return {
    text(kind, text) {
      if (text === '') return ''
      if (open === kind) return events.delta(text)
      const before = close()
      open = kind
      return before + events.start(TEXT, 'text_delta') + events.delta(text)
    },
    reasoning(text) {
      if (text === '') return ''
      if (open === 'reasoning') return events.delta(text)
      const before = close()
      open = 'reasoning'
      return before + events.start(THINKING, 'thinking_delta') + events.delta(text)
    },
    proof(proof) {
      const packed = packProof(proof)
      if (proof.kind === 'encrypted') {
        const block = `{"type":"redacted_thinking","data":${JSON.stringify(packed)}}`
        return close() + events.start(block, 'thinking_delta') + events.stop()
      }
      const isOpen = open === 'reasoning'
      const begun = isOpen ? '' : close() + events.start(THINKING, 'thinking_delta')
      open = 'nothing'
      return begun + events.signature(packed) + events.stop()
    },
    beginCall(call) {
      const before = close()
      open = 'call'
      hasArguments = false
      const id = JSON.stringify(toolUseId(call, call.call, context))
      const name = JSON.stringify(call.name)
      const block = `{"type":"tool_use","id":${id},"name":${name},"input":{},"caller":{"type":"direct"}}`
      return before + events.start(block, 'input_json_delta')
    },
    callArguments(text) {
      if (text === '') return ''
      hasArguments ||= text.trim() !== ''
      return events.delta(text)
    },
    // Clients parse what they were sent: a call without arguments must have an empty object for them.
    endCall: () => (hasArguments ? '' : events.delta('{}')) + close(),
    close,
  }
}
