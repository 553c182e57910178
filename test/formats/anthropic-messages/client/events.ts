import type { ChatEvent } from '../../../../src/core/chat-events.ts'
import type { ReasoningProof } from '../../../../src/core/chat.ts'

/** Events of a stream, in few words. */

type Start = Extract<ChatEvent, { readonly kind: 'start' }>

export const START: Start = { kind: 'start', id: 'chatcmpl-1', model: 'said-model' }
export const STOP: ChatEvent[] = [{ kind: 'finish', finish: { reason: 'stop' } }, { kind: 'end' }]
export const text = (value: string): ChatEvent => ({ kind: 'text', text: value })
export const thought = (value: string): ChatEvent => ({ kind: 'reasoning', text: value })
export const proof = (kind: ReasoningProof['kind'], family: ReasoningProof['family'] = 'claude') =>
  ({ kind: 'reasoning-proof', proof: { family, kind, value: 'v' } }) satisfies ChatEvent
export const begin = (call: number, id = `c${call}`): ChatEvent => ({
  kind: 'tool-call',
  call,
  id,
  name: 'f',
})
export const args = (call: number, value: string): ChatEvent => ({
  kind: 'tool-arguments',
  call,
  text: value,
})
export const end = (call: number): ChatEvent => ({ kind: 'tool-call-end', call })
